//! The `Allocator` of the heap.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{AllocError, Allocator};

use crate::GRANULE;
use crate::classes::Classes;
use crate::heap::Heap;
use crate::linear::Linear;

impl<S: Linear, const LISTS: usize> Heap<S, LISTS> {
    /// Takes a block for a layout of `size` and `align`.
    #[inline(always)]
    pub(crate) fn take_for(&mut self, size: usize, align: usize) -> Option<usize> {
        if align <= GRANULE && Classes::<LISTS>::is_small(size) {
            // SAFETY: the classes of small requests are exact, so they have lists.
            let block = unsafe { self.pop(Classes::<LISTS>::of_request(size)) };
            if block != 0 {
                return Some(block);
            }
        }
        self.take_slowly(size, align)
    }

    /// Takes a block that the list of its class does not have.
    #[cold]
    #[inline(never)]
    pub(crate) fn take_slowly(&mut self, size: usize, align: usize) -> Option<usize> {
        let len = Classes::<LISTS>::block_len_called(size);
        match align <= GRANULE {
            true => self.take(len),
            false => self.take_aligned(len, align),
        }
    }

    /// Frees a block.
    ///
    /// # Safety
    ///
    /// The block is used, serves a request of `size` bytes, and nothing uses it any more.
    #[inline(always)]
    pub(crate) unsafe fn free(&mut self, block: usize, size: usize) {
        // SAFETY: the caller's promise; a small block has the length of its class.
        unsafe {
            match Classes::<LISTS>::is_small(size) {
                true => self.push(Classes::<LISTS>::of_request(size), block),
                false => self.free_slowly(block, size),
            }
        }
    }

    /// Frees a block of any size.
    ///
    /// # Safety
    ///
    /// As for [`free`](Self::free).
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn free_slowly(&mut self, block: usize, size: usize) {
        let end = block + Classes::<LISTS>::block_len_called(size);
        // SAFETY: the caller's promise.
        unsafe { self.give(block..end) }
    }

    /// Returns the slice of a block for a request of `size` bytes.
    #[inline(always)]
    fn slice(&self, block: usize, size: usize) -> NonNull<[u8]> {
        let len = Classes::<LISTS>::block_len(size);
        // SAFETY: by I1 blocks lie in the heap, whose memory does not begin at address 0.
        let start = unsafe { NonNull::new_unchecked(self.at(block)) };
        NonNull::slice_from_raw_parts(start, len)
    }
}

// SAFETY: blocks are disjoint by I2 and as long as `block_len` says. They lie at multiples of a granule or of the
// alignment, in a region, which does not move with the heap. No method unwinds; none calls foreign code but the
// source.
unsafe impl<S: Linear, const LISTS: usize> Allocator for Heap<S, LISTS> {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let size = layout.size().max(1);
        let block = self.take_for(size, layout.align()).ok_or(AllocError)?;
        Ok(self.slice(block, size))
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.free(block.addr().get(), layout.size().max(1)) }
    }

    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let block = block.addr().get();
        let new_size = new_size.max(1);
        // SAFETY: the caller's promise.
        let is_resized = unsafe { self.resize(block, old.size().max(1), new_size) };
        is_resized
            .then(|| self.slice(block, new_size))
            .ok_or(AllocError)
    }
}
