//! The heap's implementation of `Allocator`.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{AllocError, Allocator, Source};

use crate::heap::HeaderlessHeap;
use crate::{GRANULE, Granules, Offset};

impl<S: Source> HeaderlessHeap<S> {
    /// Returns the bytes of a used block.
    #[inline]
    fn slice(&self, block: Offset, size: Granules) -> NonNull<[u8]> {
        // SAFETY: a block lies in the region behind the list heads, so its address is not 0.
        let start = unsafe { NonNull::new_unchecked(self.memory.at(block)) };
        NonNull::slice_from_raw_parts(start, size as usize * GRANULE)
    }
}

// SAFETY: by I1 used blocks are disjoint, and each has the granules that its layout needs. A block lies at a
// multiple of a granule, or of the alignment. Blocks lie in a region, which does not move with the heap. No
// method unwinds; none calls foreign code but the source.
unsafe impl<S: Source> Allocator for HeaderlessHeap<S> {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let size = Self::granules(layout.size()).ok_or(AllocError)?;
        let taken = match layout.align() <= GRANULE {
            true => self.take(size),
            false => self.take_aligned(size, layout.align()),
        };
        Ok(self.slice(taken.ok_or(AllocError)?, size))
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        let address = block.addr().get();
        let Some(granted) = self.granted(address, layout.size()) else {
            self.refuse(address, layout.size());
        };
        // SAFETY: the caller promises that the block is live and gives it up. All layouts that fit a block have
        // the same number of granules, so the block ends at `granted.end`.
        unsafe { self.release(granted.block, granted.end, granted.before) }
    }

    #[inline]
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let address = block.addr().get();
        let new = Self::granules(new_size).ok_or(AllocError)?;
        let Some((block, old_size)) = self.place(address, old.size()) else {
            self.refuse(address, old.size());
        };
        // SAFETY: the caller promises that the block is live and that `old` fits it.
        let is_resized = unsafe { self.resize(block, old_size, new) };
        is_resized.then(|| self.slice(block, new)).ok_or(AllocError)
    }
}
