// The first definition counts: in these docs the link leads to the trait, in the README to its file.
#![doc = "[`Inspect`]: core_api::Inspect\n"]
#![doc = include_str!("../README.md")]
//!
//! # The memory
//!
//! ```text
// ANCHOR: picture
//!  the region, in granules of 16 bytes
//!
//!  start                                                        open                     end
//!  ┌──────┬──────┬──────┬───────────┬──────┬──────┬──────┬──────┬───────────────────────┐
//!  │ used │ free │ free │ used      │ free │ used │ free │ used │ open                  │
//!  └──────┴──────┴──────┴───────────┴──────┴──────┴──────┴──────┴───────────────────────┘
//!
//!  used  ┌────────────────────────────────────┐
//!        │ payload                            │  all of it
//!        └────────────────────────────────────┘
//!  free  ┌──────┬─────────┬───────────────────┐  next: the address of the next free block of the class
//!        │ next │ (len)   │                   │  len: only in lists of blocks of several sizes
//!        └──────┴─────────┴───────────────────┘
//!  open  the range that blocks are cut from; may lie anywhere, and may be empty
// ANCHOR_END: picture
//! ```
//!
//! # Invariants
//!
//! - **I1** Free blocks and the open range lie between start and end, at multiples of a granule, and are whole
//!   granules long.
//! - **I2** No two of them overlap.
//! - **I3** The list of an exact class holds free blocks of that class's length.
//! - **I4** The list of any other class holds free blocks that are at least as long as the class says, and shorter
//!   than the next class says, if there is a next one; their second word is the length.
//!
//! [`check`](core_api::Inspect::check) tests them.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod aligned;
mod allocator;
mod check;
mod classes;
#[cfg(target_arch = "wasm32")]
mod global;
mod growth;
mod heap;
mod inspect;
mod linear;
mod lists;
#[cfg(target_arch = "wasm32")]
mod pages;
mod resize;
mod sort;
mod sweep;

#[cfg(target_arch = "wasm32")]
pub use global::Wasm;
pub use heap::Heap;
pub use linear::Linear;
#[cfg(target_arch = "wasm32")]
pub use pages::Pages;

/// The unit of sizes and the smallest block, in bytes.
const GRANULE: usize = 16;
