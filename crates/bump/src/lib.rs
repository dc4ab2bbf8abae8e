#![doc = include_str!("../README.md")]
//!
//! # The memory
//!
//! ```text
// ANCHOR: picture
//!   region                                                            region
//!   start  first                          cursor                 end     end
//!     ╷      ╷                               ╷                     ╷      ╷
//!     ├──────┼─────────┬───────┬┄┄┄┄┬────────┼─────────────────────┼──────┤
//!     │ odd  │ block   │ block │pad │ block  │ never handed out    │ odd  │
//!     │ <8 B │         │       │    │  last  │ (or handed back)    │ <8 B │
//!     ├──────┼─────────┴───────┴┄┄┄┄┴────────┼─────────────────────┼──────┤
//!            │ ◄──────── used ─────────────► │ ◄─── remaining ───► │
//!
//!   allocate(n):  block = cursor;  cursor += n rounded up to 8
//!   free(block):  if block + n rounded up to 8 == cursor:  cursor = block
//!   reset_to(m):  cursor = m
// ANCHOR_END: picture
//! ```
//!
//! # Invariants
//!
//! `first` is the region's start rounded up to 8 and `end` its end rounded down.
//!
//! - **I1** `first <= cursor <= end`, and the bytes from `first` to `end` are the region's. (Before
//!   the first allocation there is no region and the three are equal.)
//! - **I2** The cursor is a multiple of 8.
//!
//! [`check`](core_api::Inspect::check) tests them. One more holds, for which the allocator keeps no
//! record to test it with: every live block lies between `first` and the cursor, because the cursor
//! moves back only over what is freed, shrunk or reset. The shadow model of the contract suite,
//! which remembers every block, tests that.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod bump;
mod inspect;
mod scope;

pub use bump::{Bump, GRANULE, Mark};
pub use scope::Scope;
