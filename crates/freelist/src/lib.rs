#![doc = include_str!("../README.md")]
//!
//! # The memory
//!
//! ```text
// ANCHOR: picture
//!    first  used        free          used             free                top          end
//!    ├──────┬─────────┬──────┬──────┬──────┬─────────┬──────┬──────────────┬────────────┤
//!    │ n    │ payload │ n    │ link │ n    │ payload │ n    │ link         │ untouched  │
//!    │ USED │         │ FREE │ 0    │ USED │         │ FREE │  │           │            │
//!    ├──────┴─────────┴──────┴──────┴──────┴─────────┴──────┴──┼───────────┴────────────┤
//!                     ▲                              ▲         │
//!                     └──────────────────────────────┼─────────┘
//!                                                    head: the block freed last
//!
//!    header (8 bytes): size in granules of 8 bytes, header included; four letters of state
//!    allocate(n): the first block on the list that is large enough, whole; else cut at top
//!    free(block): USED becomes FREE, link = head, head = block
// ANCHOR_END: picture
//! ```
//!
//! # Invariants
//!
//! `first` is the region's start rounded up to 8 and `end` its end rounded down. Before the first
//! allocation there is no region, and `top` and `end` are 0.
//!
//! - **I1** `first <= top <= end`, all are multiples of 8, and the bytes from `first` to `end` are
//!   the region's.
//! - **I2** Every block begins with a header: `USED` or `FREE` and a size of at least 16 bytes, or
//!   `PAD` and 8 bytes. Sizes are multiples of 8.
//! - **I3** Blocks tile the heap from `first` to `top`: each begins where the one before ends.
//! - **I4** The free list holds every free block exactly once, the last freed first. The link to
//!   the next is the first word of the payload; the last one's is 0.
//!
//! [`check`](core_api::Inspect::check) tests them in this order; I4 by number and sum of addresses,
//! which costs O(blocks). The sizes of blocks never change after they are cut. A used block's
//! payload is its caller's: the heap reads and writes headers and links only.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod allocator;
mod checks;
mod free_list;
mod header;
mod inspect;

pub use free_list::FreeList;
pub use header::{GRANULE, HEADER, MIN_BLOCK};
