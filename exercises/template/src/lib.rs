//! Your own stage: an allocator in memory that it is given.
//!
//! It compiles, and refuses every request. `cargo test` runs the contract on it and stops at the first
//! promise that it breaks; `cargo xtask grade` gives it points.

#![no_std]

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{AllocError, Allocator, Region};

/// Your allocator: what it has to remember between two calls.
pub struct Heap {
    memory: Region,
}

/// Makes the allocator that `cargo xtask grade` grades. All of `memory` is its own.
///
/// The type may be another, as long as it implements [`Allocator`]. If it implements
/// [`Inspect`](core_api::Inspect) as well, failures show its own map of the heap.
pub fn graded(memory: Region) -> Heap {
    Heap { memory }
}

// SAFETY: it returns no block. State here why each block has the size and the alignment of its layout, lies
// in `memory`, and shares no byte with another one.
unsafe impl Allocator for Heap {
    /// The first step: a block at the start of `self.memory`. `core_api::align` rounds addresses up, and
    /// `self.memory.at(address)` makes a pointer of one.
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let _ = (layout, self.memory);
        Err(AllocError)
    }

    /// Takes a block back. What does it have to remember so that a later request can use the bytes?
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        let _ = (block, layout);
    }
}
