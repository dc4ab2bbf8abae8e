//! A trace: the allocation calls of a real or generated program, ready to be replayed.

/// One allocation call.
///
/// A *slot* holds at most one live block: it is empty before `Allocate` and after `Free`. Slots
/// are reused, so a trace needs as many as it has live blocks at its peak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Puts a new block into an empty slot.
    Allocate {
        /// The slot.
        slot: u32,
        /// Requested bytes.
        size: usize,
        /// Requested alignment in bytes, a power of two.
        align: u32,
        /// Whether the bytes must be zero (`calloc`).
        zeroed: bool,
    },
    /// Resizes the block of a full slot (`realloc`), keeping its alignment.
    Resize {
        /// The slot.
        slot: u32,
        /// Requested bytes from now on.
        size: usize,
    },
    /// Frees the block of a full slot.
    Free {
        /// The slot.
        slot: u32,
    },
}

/// A program's allocation calls in order.
///
/// Valid by construction: slots are full and empty as [`Op`] says, and below `n_slots`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// A short name: the file's stem or the workload's name.
    pub name: String,
    /// The calls.
    pub ops: Vec<Op>,
    /// How many slots the calls use.
    pub n_slots: usize,
}
