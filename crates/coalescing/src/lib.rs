//! Boundary tags and segregated bins: every operation in constant time.
#![no_std]
mod aligned;
mod allocator;
mod bins;
mod block;
mod check;
mod fresh;
mod growth;
mod header;
mod heap;
mod inspect;
mod lists;
mod misuse;
mod purge;
mod regions;
mod resize;

use core_api::Corruption;
pub use heap::Heap;

/// A number of granules.
type Granules = u32;

/// Where a payload is, in granules from the first one of the heap.
type Offset = u32;
