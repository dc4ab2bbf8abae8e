#![doc = include_str!("../README.md")]
//!
//! # Picture
//!
//! ```text
// ANCHOR: picture
//!   reservation: 8 GiB of address space                       direct mappings
//!  ┌─────────────────────────────────┬───────────────────┐    ┌──────────────┐
//!  │ committed: stage 4's one region │ reserved          │    │ 1 MiB block  │
//!  │ ██ used ░░ free ██ ░░░░ ██ top ░│ no access, no page│    └──────────────┘
//!  └──────────────▲───────────────▲──┴───────────────────┘    ┌──────────────┐
//!                 │               │ commit: mprotect          │ 300 KiB block│
//!    purge:       │               │ trim: mmap over it        └──────▲───────┘
//!    MADV_DONTNEED┘                                   resize: mremap │
//!                                                   ┌────────────────┴──────────┐
//!  free(p): is p in the reservation? ── no ───────► │ table: address → mapping  │
//!              └─ yes: the header before p          └───────────────────────────┘
// ANCHOR_END: picture
//! ```
//!
//! # Invariants
//!
//! [`MmapHeap`]'s [`check`](core_api::Inspect::check) tests them in this order.
//!
//! - **I1** The heap's region is the committed part of the reservation: whole OS pages from its
//!   start. Beyond it nothing is accessible.
//! - **I2** Stage 4's heap fills the region, and the invariants of [`coalescing`] hold in it (`check`
//!   reports a broken one by its own text).
//! - **I3** A direct mapping is one or more whole OS pages, holds one block from its first byte
//!   on, and is found in the table at that address.
//! - **I4** Direct mappings, the reservation and the table are disjoint.
//! - **I5** The table's slots are committed pages, at most three quarters full; its counts match its
//!   entries.
//! - **I6** The count of live bytes is the sum of the payloads of the heap's used blocks.
//! - **I7** The free memory worth keeping lies between 64 KiB and 64 MiB.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(test)]
extern crate std;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
compile_error!("mmap-backed needs mremap and futex, which only Linux has");

mod allocator;
mod checks;
mod direct;
mod global;
mod heap;
mod inspect;
mod lock;
mod mapping;
mod reservation;
mod resize;
mod retention;
mod table;

pub use global::Global;
pub use heap::{Mapped, MmapHeap};
pub use lock::FutexLock;
pub use reservation::{DEFAULT_RESERVATION, Reservation};
