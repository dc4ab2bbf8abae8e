//! The heap as an [`Allocator`], with and without layouts.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{AllocError, Allocator, SizelessFree, Source, align, fatal};

use crate::fit::Fit;
use crate::heap::FitHeap;
use crate::order::Order;

// SAFETY: a block is cut from a free block, aligned by `Request::pad`, and leaves the list before
// it is returned (I2), so that it touches no other (I1). The heap writes to headers and free
// blocks only, through the region, wherever the heap's own value lies. Nothing unwinds.
unsafe impl<S: Source, P: Fit, O: Order> Allocator for FitHeap<S, P, O> {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.take(layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller gives the block up.
        if let Err(misuse) = unsafe { self.try_deallocate(block, layout) } {
            fatal(misuse);
        }
    }

    /// Cuts off what is left, or grows over the free block behind. O(free blocks).
    #[inline]
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        _old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the block is live, and after success its caller uses the returned bytes only.
        unsafe { self.resize(block, new_size) }
    }

    #[inline]
    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        _old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the block is live; its header knows the old size.
        unsafe { self.resize_or_move(block, new) }
    }

    #[inline]
    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        _old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the block is live; its header knows the old size.
        unsafe { self.resize_or_move(block, new) }
    }
}

// SAFETY: sizes come from the block's own header, which `allocate` and resizing wrote.
unsafe impl<S: Source, P: Fit, O: Order> SizelessFree for FitHeap<S, P, O> {
    #[inline]
    unsafe fn free(&mut self, block: NonNull<u8>) {
        // SAFETY: the caller gives the block up.
        if let Err(misuse) = unsafe { self.try_free(block) } {
            fatal(misuse);
        }
    }

    #[inline]
    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        let used = self
            .used_block(block)
            .unwrap_or_else(|misuse| fatal(misuse));
        used.payload()
    }

    #[inline]
    unsafe fn realloc(
        &mut self,
        block: NonNull<u8>,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.resize_or_move(block, new) }
    }
}

impl<S: Source, P: Fit, O: Order> FitHeap<S, P, O> {
    /// In place where the block lies aligned for `new` and there is room, else by moving.
    ///
    /// # Safety
    ///
    /// `block` is live in this heap.
    unsafe fn resize_or_move(
        &mut self,
        block: NonNull<u8>,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        if align::is_aligned(block.addr().get(), new.align()) {
            // SAFETY: the block is live, and after success its caller uses the returned bytes only.
            if let Ok(resized) = unsafe { self.resize(block, new.size()) } {
                return Ok(resized);
            }
        }
        let used = self
            .used_block(block)
            .unwrap_or_else(|misuse| fatal(misuse));
        // SAFETY: the block was just found.
        let payload = unsafe { self.tiling.payload(used.address, used.size) };
        let kept = new.size().min(payload.len());
        let moved = self.take(new)?;
        // SAFETY: both blocks are live, hence disjoint, and have `kept` bytes; the old one is not
        // used again.
        unsafe {
            moved
                .cast::<u8>()
                .copy_from_nonoverlapping(payload.cast(), kept);
            self.free(block);
        }
        Ok(moved)
    }
}
