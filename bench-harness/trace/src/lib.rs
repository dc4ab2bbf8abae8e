//! Traces: the allocation calls of real or generated programs, ready to be replayed.
//!
//! This crate records programs, reads and writes traces, and inspects them. It knows no allocator
//! and measures nothing; `bench-harness` does both.
//!
//! | to | use |
//! |---|---|
//! | read a trace in any format | [`Trace::load`] |
//! | keep the whole calls of a damaged file | [`Trace::load_prefix`] |
//! | write the compact format | [`Trace::write`] |
//! | read or write a file without holding it in memory | [`compact::Reader`], [`compact::Writer`] |
//! | make a trace in code | [`Builder`] |
//! | record a program | [`record::run`] |
//! | run the commands of `cargo xtask trace` | [`commands`] |
//!
//! The compact format is specified in `docs/src/traces.md` and implemented in [`compact`]; the
//! text format of the malloc labs is in [`rep`].

pub mod commands;
pub mod compact;
pub mod import;
pub mod record;
pub mod rep;
pub mod stacks;
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
pub(crate) use file::{Contents, name};
pub use peak::Peak;
pub use provenance::{Origin, Provenance};
pub use whole_file::WholeFile;

/// The alignment of a call that names none (`malloc`, `calloc`): the alignment that every stage guarantees.
///
/// A C library's own `malloc` promises 16 on most 64-bit machines. Replays request what a Rust program would:
/// a program that needs more says so, by `aligned_alloc` or a `Layout`.
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
        /// True if the bytes must be zero (`calloc`).
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
/// A trace is valid by construction: its calls fill and empty slots as [`Op`] demands, and slots are below
/// `n_slots`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// A short name: the file's stem or the workload's name.
    pub name: String,
    /// The calls.
    pub ops: Vec<Op>,
    /// The number of slots that the calls use.
    pub n_slots: usize,
    /// What is known of each call beside its request.
    pub columns: Columns,
    /// The source of the calls.
    pub provenance: Provenance,
}
