//! A trace: the allocation calls of a real or generated program, ready to be replayed.
//!
//! This crate records programs, reads and writes traces, and looks into them. It knows no allocator
//! and measures nothing; `bench-harness` does both.
//!
//! | to | use |
//! |---|---|
//! | read a trace, whatever its format | [`Trace::load`] |
//! | keep what is whole of a damaged file | [`Trace::load_prefix`] |
//! | write the compact format | [`Trace::write`] |
//! | go through a file without holding it in memory | [`compact::Reader`], [`compact::Writer`] |
//! | make one in code | [`Builder`] |
//! | record a program | [`record::run`] |
//! | what `cargo xtask trace` does | [`commands`] |
//!
//! The compact format is specified in `docs/src/traces.md` and implemented in [`compact`]; the
//! text format of the malloc labs is in [`rep`].

pub mod commands;
pub mod compact;
pub mod import;
pub mod record;
pub mod rep;
pub mod units;

mod builder;
pub(crate) mod by_address;
mod columns;
mod error;
mod file;
mod peak;
mod provenance;
mod whole_file;

pub use builder::{BlockError, BlockId, Builder};
pub use columns::{ColumnSet, Columns, Context};
pub use error::{Cause, TraceError};
pub(crate) use file::name;
pub use peak::Peak;
pub use provenance::{Origin, Provenance};
pub use whole_file::WholeFile;

/// The alignment of a call that names none (`malloc`, `calloc`): what every stage guarantees.
///
/// A C library's own `malloc` promises 16 on most 64-bit machines. Replays ask for what a Rust
/// program would: programs that need more say so, by `aligned_alloc` or a `Layout`.
pub const PLAIN_ALIGN: u32 = 8;

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
    /// What is known of each call beside what it asks for.
    pub columns: Columns,
    /// Where the calls come from.
    pub provenance: Provenance,
}
