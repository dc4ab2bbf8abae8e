//! A global allocator for collections that take one of their own.

use std::alloc::{GlobalAlloc, Layout};
use std::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator};

use super::block::{Block, found, free};

/// An allocator that is called as a program calls its own, which is not inlined.
pub(super) type Called<'a> = &'a (dyn GlobalAlloc + Sync);

/// The allocator of boxes and vectors. Each holds it, so it is one word.
#[derive(Clone, Copy)]
pub(super) struct Heap<'a>(pub(super) &'a Called<'a>);

// SAFETY: every call is passed on to the allocator, which is borrowed by all copies of this value.
// Collections ask for no empty block.
unsafe impl Allocator for Heap<'_> {
    #[inline]
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the size is not 0.
        let start = found(unsafe { self.0.alloc(layout) }, layout.size());
        Ok(NonNull::slice_from_raw_parts(start, layout.size()))
    }

    #[inline]
    unsafe fn deallocate(&self, start: NonNull<u8>, layout: Layout) {
        free(*self.0, Block { start, layout });
    }

    #[inline]
    unsafe fn grow(
        &self,
        start: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the block is live and has this layout; a vector keeps its alignment.
        let start = unsafe { self.0.realloc(start.as_ptr(), old, new.size()) };
        let start = found(start, new.size());
        Ok(NonNull::slice_from_raw_parts(start, new.size()))
    }
}
