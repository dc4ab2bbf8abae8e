// The first definition counts: in these docs the link leads to the trait, in the README to its file.
#![doc = "[`Inspect`]: core_api::Inspect\n"]
#![doc = include_str!("../README.md")]
//!
//! # The memory
//!
//! ```text
// ANCHOR: picture
//!  the region, in granules of 8 bytes
//!
//!  start                                                                           end
//!  ┌───────────┬───────────┬──────┬───────────┬──────┬───────────┬───┬──────┬───────────┐
//!  │list heads │ edge bits │ used │ used      │ free │ used      │pad│ used │ top, free │
//!  └───────────┴───────────┴──────┴───────────┴──────┴───────────┴───┴──────┴───────────┘
//!
//!  used  ┌────────────────────────────────────┐
//!        │ payload                            │  all of it, at least 16 bytes
//!        └────────────────────────────────────┘
//!  free  ┌──────┬──────┬──────┬───────┬───────┐  next, prev: offsets in granules
//!        │ size │ next │ prev │       │ size  │  size: in granules, at both ends
//!        └──────┴──────┴──────┴───────┴───────┘
//!          4      4      4              4 bytes
//!  pad   ┌──────┬──────┐
//!        │ size │ size │  a free block of one granule: no room for links
//!        └──────┴──────┘
//!
//!  edge bits, one for a pair of granules: does a free block begin or end in these 16 bytes?
//!
//!  granules  u u u f f f f f u u u p u u     used, free, used, a pad, used
//!  pairs     └─┘ └─┘ └─┘ └─┘ └─┘ └─┘ └─┘
//!  bits       0   1   0   1   0   1   0
// ANCHOR_END: picture
//! ```
//!
//! One bit for two granules is enough. The heap asks only about the granule right in front of a used block
//! or right behind one. If that granule is used, too, its pair has no edge: the pair's other granule lies in
//! one of these two used blocks, because no used block is shorter than two granules.
//!
//! # Invariants
//!
//! - **I1** Heads, edge bits, blocks and the top follow one another and fill the region; a used block
//!   has at least two granules.
//! - **I2** A pair's edge bit is set if and only if one of its granules is the first or the last one of
//!   a free block other than the top.
//! - **I3** The first and the last four bytes of a free block hold its size.
//! - **I4** No two free blocks touch, nor does one touch the top.
//! - **I5** The list of each bin holds every free block of its sizes, and nothing else; *pads*, of one
//!   granule, and the top are in no list.
//! - **I6** Lists are circles through their head: the block before the next one is the block.
//! - **I7** A bin's bit is set if and only if its list holds a block.
//!
//! [`check`](core_api::Inspect::check) tests them.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod aligned;
mod allocator;
mod check;
mod giving;
mod heap;
mod inspect;
mod layout;
mod lists;
mod memory;
mod merging;
mod misuse;
mod resize;
mod taking;

pub use heap::HeaderlessHeap;

/// The unit of sizes and offsets, in bytes.
const GRANULE: usize = 8;

/// A number of granules.
type Granules = u32;

/// The place of a block, in granules from the region's first granule.
type Offset = u32;
