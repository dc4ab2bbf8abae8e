//! The addresses that an allocator chooses.

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::{AllocError, Allocator};

/// Passes every call on and keeps the addresses that come back.
pub(super) struct Recording<A> {
    pub(super) inner: A,
    pub(super) addresses: Vec<NonNull<u8>>,
}

impl<A> Recording<A> {
    fn keep(
        &mut self,
        block: Result<NonNull<[u8]>, AllocError>,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.addresses.extend(block.map(NonNull::cast::<u8>));
        block
    }
}

// SAFETY: the blocks are the inner allocator's. The list of addresses grows in the global
// allocator, which the inner one is not.
unsafe impl<A: Allocator> Allocator for Recording<A> {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let block = self.inner.allocate(layout);
        self.keep(block)
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.deallocate(block, layout) }
    }

    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        let moved = unsafe { self.inner.grow(block, old, new) };
        self.keep(moved)
    }

    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        let moved = unsafe { self.inner.shrink(block, old, new) };
        self.keep(moved)
    }
}
