#![doc = include_str!("../README.md")]
//!
//! # Picture
//!
//! ```text
// ANCHOR: picture
//!   a heap is one region of address space, 16 GiB; each part is committed as far as it is used
//!  ┌────────┬────────┬──────────────────────────────────┬───────────────┬─────────┬───────┐
//!  │ header │ kinds  │ nursery, slabs ▒ large █ free ░  │ never used    │ records │ marks │
//!  │ lists  │ 1 byte │ ┆┆┆┆▒▒▒▒░░████░▒▒▒▒░░░░░░███▒▒▒░ │               │ of spans│ sweep │
//!  └──▲─────┴──▲─────┴──────────────────────────────▲───┴▲──────────────┴─────────┴───────┘
//!     │        │ class of p's KiB                   │    top: bumping
//!     │        └────────────────────────────────────┤
//!  allocate(n): class of n by table; pop lists[class] ─┤ block
//!  free(p, n):  p in my region, kinds[KiB of p] the class of n? push ─┘
//!                  └─ no: address map (1 GiB granules) → owner's heap, or a direct mapping
//!
//!  thread A: lists ◄─ swap ─ inbox[class] ◄─ one CAS ─ outbox batch of 64 ─ thread B frees A's
//!  sweep: walk all lists, mark; slabs that are all free become free spans
//!  purge: a free span idle for 1 s is taken out, MADV_DONTNEED without a lock, put back zero
// ANCHOR_END: picture
//! ```
//!
//! # Invariants
//!
//! [`Heap`]'s [`check`](core_api::Inspect::check) tests them in this order.
//!
//! - **I1** A region begins at a multiple of 1 GiB with its header and kinds and ends with its records
//!   and marks, and the address map leads from each of its granules to it. All pages below `top` are
//!   committed, and so are the header and what describes these pages.
//! - **I2** From the first page behind the kinds to `top`, slabs, spans and unused units of the
//!   nursery tile the region. All units of a slab have its class as their kind; two free spans never
//!   touch.
//! - **I3** A listed block, in a list of the owner or in an inbox, is free, starts at a multiple of
//!   its size from its slab's start, is of the list's class, was cut, and is listed once.
//! - **I4** A free span is in the bin of its length, linked both ways; the counts of free and of
//!   dirty pages are those of the bins.
//! - **I5** A clean span, and everything from `top` on, is zero.
#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
compile_error!("thread-cached asks for mremap and futex, which only Linux has");

mod address_map;
mod bins;
mod census;
mod check;
mod classes;
mod commit;
mod direct;
mod free_spans;
mod global;
mod guarded;
mod handle;
mod hardened;
mod heap;
mod huge_pages;
mod inbox;
mod inspect;
mod large;
mod link;
mod locate;
mod marks;
mod methods;
mod nursery;
mod os;
mod outbox;
mod ownership;
mod page_map;
mod primitive;
mod purge;
mod recent;
mod region;
mod registry;
mod resize;
mod runs;
mod shared;
mod slab;
mod slow;
mod spans;
mod spare;
mod sweep;
mod tidy;
mod zeroed;

pub use census::{Census, ClassCensus, Tally};
pub use global::ThreadCached;
pub use handle::Heap;
pub use hardened::Checks;
pub use huge_pages::HugePages;
