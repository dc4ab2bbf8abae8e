#![doc = include_str!("../README.md")]
//!
//! # The memory
//!
//! ```text
// ANCHOR: picture
//!  a region, in granules of 8 bytes; every payload begins at a granule
//!
//!  start                                                                           end
//!  ┌───────────┬───────────┬─────────────────┬───────────┬───┬───────────┬───────────┐
//!  │list heads │ used      │ free            │ used      │pad│ used      │ top, free │
//!  └───────────┴───────────┴─────────────────┴───────────┴───┴───────────┴───────────┘
//!
//!  used  ┌────────┬──────────────────────────────┐   header: size << 2 | P << 1 | 1
//!        │ header │ payload                      │
//!        └────────┴──────────────────────────────┘
//!        4 bytes  ▲ multiple of 8
//!  free  ┌────────┬──────┬──────┬───────┬────────┐   header: size << 2 | P << 1 | 0
//!        │ header │ next │ prev │       │ footer │   next, prev: offsets in granules
//!        └────────┴──────┴──────┴───────┴────────┘   footer: size
//!        4 bytes    4      4               4
//!  pad   ┌────────┬────────┐   P: the block before is used, so it has no footer;
//!        │ header │ footer │      all of its bytes are payload
//!        └────────┴────────┘
// ANCHOR_END: picture
//! ```
//!
//! The first region begins with the heads of the bins' lists. A head has two links, at the offset of an
//! 8-byte payload, so that it is a list node like any other. Other regions begin with a record of
//! 24 bytes. A region that is not the last one ends with the header of a used block of size 0.
//!
//! # Invariants
//!
//! - **I1** The blocks of a region follow one another from its first granule to its end, or to the
//!   top; each header holds the block's size and the used bit.
//! - **I2** A header's previous-used bit is set if and only if the block before is used or there
//!   is none.
//! - **I3** The last four bytes of a free block hold its size.
//! - **I4** No two free blocks touch, unless their merging is deferred.
//! - **I5** The list of each bin holds every free block of its sizes, and nothing else; blocks of
//!   fewer than 16 bytes, the *pads*, and the top are in no list.
//! - **I6** Lists are circles through their head: the block before the next one is the block.
//! - **I7** A bin's bit is set if and only if its list holds a block; no bit is set behind the last bin
//!   that a search looks at.
//! - **I8** The last region ends with the top, a free block that may have no granules; its size is
//!   in no header.
//! - **I9** On a [source of zeros](core_api::Source::ZEROED), the bytes of the top beyond its own
//!   high-water mark were never written, and are zero.
//!
//! - **I10** Each quick list holds the deferred blocks of its size, and nothing else; the header of a
//!   deferred block says used, with a size of 0, and its second payload word holds the size.
//!
//! [`check`](core_api::Inspect::check) tests them in this order; it tests I9 for the first 512 bytes only.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod aligned;
mod allocator;
pub mod bins;
mod block;
mod check;
mod deferred;
mod fresh;
mod giving;
mod growth;
mod header;
mod heap;
mod inspect;
mod lists;
mod merging;
mod misuse;
mod purge;
mod regions;
mod resize;
mod taking;

pub use heap::CoalescingHeap;
pub use merging::{Deferred, Immediate, Merging};

/// A number of granules.
type Granules = u32;

/// The place of a payload, in granules from the heap's first granule.
type Offset = u32;
