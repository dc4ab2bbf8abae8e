//! `Allocator` and `SizelessFree` for [`MmapHeap`].

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::resize::reallocate;
use core_api::{AllocError, Allocator, Reclaims, SizelessFree, fatal};

use crate::MmapHeap;
use crate::mapping::Mapping;

// SAFETY: a block is either a block of stage 4 inside the reservation (I1, I2), or a mapping of its own that
// is large and aligned enough (I3); the two are disjoint (I4). Neither moves when the heap's value moves. The
// OS calls neither unwind nor allocate.
unsafe impl<const GRANULE: usize> Allocator for MmapHeap<GRANULE> {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.allocate_by(layout, |inner, layout| inner.allocate(layout))
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is passed on; the size is read before the block is freed.
        unsafe {
            if self.is_in_heap(block) {
                let len = self.inner.usable_size(block);
                self.inner.deallocate(block, layout);
                self.freed(len);
            } else if let Err(misuse) = self.unmap(block, layout.size()) {
                fatal(misuse);
            }
        }
    }

    /// Does not clear pages that are fresh from the OS.
    #[inline]
    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.allocate_by(layout, |inner, layout| inner.allocate_zeroed(layout))
    }

    #[inline]
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        if !self.is_in_heap(block) {
            let address = block.addr().get();
            // SAFETY: the caller's promise is passed on.
            let resized = unsafe { self.direct.resize(address, new_size, false)? };
            return Ok(resized.payload());
        }
        // SAFETY: the caller's promise is passed on.
        let (before, resized) = unsafe {
            let before = self.inner.usable_size(block);
            (before, self.inner.resize_in_place(block, old, new_size)?)
        };
        self.retention.allocated(resized.len());
        self.freed(before);
        Ok(resized)
    }

    /// Grows direct mappings by `mremap`: the OS moves their page table entries, not their bytes.
    #[inline]
    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        unsafe {
            if self.is_in_heap(block) {
                reallocate(self, block, old, new)
            } else {
                self.reallocate_direct(block, old, new)
            }
        }
    }

    /// Clears the old block's bytes beyond `old.size()`, but no fresh pages.
    unsafe fn grow_zeroed(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        unsafe {
            if self.is_in_heap(block) {
                self.grow_zeroed_in_heap(block, old, new)
            } else {
                self.grow_zeroed_direct(block, old, new)
            }
        }
    }

    #[inline]
    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        unsafe {
            if self.is_in_heap(block) {
                reallocate(self, block, old, new)
            } else {
                self.reallocate_direct(block, old, new)
            }
        }
    }

    fn reclaims(&self) -> Reclaims {
        Reclaims::Everything
    }
}

// SAFETY: the usable size is that of stage 4's block, or the length of the mapping (I3).
unsafe impl<const GRANULE: usize> SizelessFree for MmapHeap<GRANULE> {
    #[inline]
    unsafe fn free(&mut self, block: NonNull<u8>) {
        // SAFETY: the caller's promise is passed on; the size is read before the block is freed.
        unsafe {
            if self.is_in_heap(block) {
                let len = self.inner.usable_size(block);
                self.inner.free(block);
                self.freed(len);
            } else if let Err(misuse) = self.unmap(block, 0) {
                fatal(misuse);
            }
        }
    }

    #[inline]
    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        if self.is_in_heap(block) {
            // SAFETY: the caller's promise is passed on.
            return unsafe { self.inner.usable_size(block) };
        }
        self.direct.get(block.addr().get()).map_or(0, Mapping::len)
    }

    #[inline]
    unsafe fn realloc(
        &mut self,
        block: NonNull<u8>,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on. The old size is the usable size, because the program may
        // have filled the block to its end.
        unsafe {
            let usable = self.usable_size(block);
            let old = Layout::from_size_align(usable, new.align()).map_err(|_| AllocError)?;
            if new.size() >= usable {
                self.grow(block, old, new)
            } else {
                self.shrink(block, old, new)
            }
        }
    }
}
