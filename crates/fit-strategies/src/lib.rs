#![doc = include_str!("../README.md")]
//!
//! # The memory
//!
//! ```text
// ANCHOR: picture
//!            used              free                    used            free
//!    ┌──────┬──────────────┬──────┬──────┬──────────┬──────┬────────┬──────┬──────┬─────┐
//!    │  n   │ payload      │  n   │ link │          │  n   │payload │  n   │ link │     │
//!    │ USED │ (caller's)   │ FREE │  │   │          │ USED │        │ FREE │  │   │     │
//!    └──────┴──────────────┴──────┴──┼───┴──────────┴──────┴────────┴──────┴──┼───┴─────┘
//!    ▲ 8 B   rounded up to 8  ▲      │                                 ▲      │         ▲
//!    start                    │      └──────── the list ──────────────►│      └─► 0     end
//!                            head
//!
//!    header: u32 granules of 8 bytes, header included; the letters USED or FREE
//!    split:  hole ─► [pad, free] [header, payload] [rest, free, if it reaches the threshold]
//!    free:   the state becomes FREE and the block joins the list; its neighbours stay as they are
//!    sweep:  [FREE][FREE][USED][FREE][FREE] ─► [FREE      ][USED][FREE      ]
// ANCHOR_END: picture
//! ```
//!
//! # Invariants
//!
//! `start` is the region's start rounded up to 8; `end` lies a multiple of 8 beyond it, at most
//! [`MAX_HEAP`] bytes. Before the first allocation there is no region and both are 0.
//!
//! - **I1** Blocks tile the heap: the first begins at `start`, each next one where the one before
//!   ends, and the last ends at `end`. Every header says `USED` or `FREE`, and a size that is a
//!   multiple of 8 and at least [`MIN_BLOCK`].
//! - **I2** The free list holds every free block exactly once, and nothing else.
//! - **I3** A list in [`AddressOrder`] is sorted by address.
//! - **I4** The list's byte count is the sum of its blocks' sizes.
//! - **I5** The rover, behind which a [`NextFit`] search begins, is the list's end or one of its
//!   blocks.
//!
//! [`check`](core_api::Inspect::check) tests them in this order. The payload of a used block is its
//! caller's: the heap reads and writes headers and free blocks only.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod allocator;
mod checks;
mod fit;
mod free_list;
mod freeing;
mod heap;
mod inspect;
mod order;
mod request;
mod resize;
mod sweep;
mod taking;
#[cfg(test)]
mod tests;
mod tiling;

pub use fit::{BestFit, Candidate, Counting, FirstFit, Fit, NextFit, WorstFit};
pub use heap::FitHeap;
pub use order::{AddressOrder, Lifo, Order};

/// Unit of sizes and addresses in bytes, and the alignment of every payload.
pub const GRANULE: usize = 8;

/// Bytes in front of every payload: a size and a state.
pub const HEADER: usize = 8;

/// The smallest block in bytes: a header and room for a link.
pub const MIN_BLOCK: usize = HEADER + GRANULE;

/// The remainder in bytes from which on a block is cut, unless a heap is given another.
pub const SPLIT_THRESHOLD: usize = 32;

/// The most bytes of a region that blocks can tile, 32 GiB: a header counts granules in 32 bits.
pub const MAX_HEAP: usize = (u32::MAX as u64 * GRANULE as u64) as usize;
