//! The heap's implementation of `Allocator` and `SizelessFree`.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{AllocError, Allocator, Misuse, SizelessFree, Source, fatal};

use crate::header::Header;
use crate::heap::CoalescingHeap;
use crate::merging::Merging;
use crate::{Granules, Offset};

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    /// Returns the payload of the used block `block`, which has `size` granules.
    #[inline]
    pub(crate) fn slice(&self, block: Offset, size: Granules) -> NonNull<[u8]> {
        // SAFETY: a payload lies behind a header in a region, so its address is not 0.
        let payload = unsafe { NonNull::new_unchecked(self.regions.at(block)) };
        NonNull::slice_from_raw_parts(payload, Self::payload(size))
    }

    #[inline]
    fn offset(&self, block: NonNull<u8>) -> Offset {
        self.regions.offset_of(block.addr().get())
    }

    /// Ends the process because the header contradicts the free.
    #[cold]
    fn refuse(&self, header: Header) -> ! {
        let is_corrupt = header.is_used() && !self.is_deferred(header);
        fatal(match is_corrupt {
            true => Misuse::CorruptHeader,
            false => Misuse::DoubleFree,
        })
    }
}

// SAFETY: by I1 used blocks are disjoint, and a payload is as long as its header says. Payloads lie at
// multiples of a granule, or of the requested alignment. Blocks lie in regions, which do not move with the
// heap. No method unwinds; none calls foreign code but the source.
unsafe impl<S: Source, const GRANULE: usize, M: Merging> Allocator
    for CoalescingHeap<S, GRANULE, M>
{
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let size = Self::granules(layout.size()).ok_or(AllocError)?;
        let block = if layout.align() > GRANULE {
            self.take_aligned(size, layout.align())
        } else if let Some(block) = self.take_deferred(size) {
            return Ok(self.slice(block, size));
        } else {
            self.take_listed(size)
        };
        Ok(self.slice(block.ok_or(AllocError)?, size))
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        let size = Self::granules_of_live(layout.size());
        // SAFETY: the caller promises that the block is live, so it has a header (I1).
        let (block, header) = unsafe { self.regions.block_at(block.addr().get()) };
        if !header.is_used_block_of(size) {
            self.refuse(header);
        }
        // SAFETY: the block is live, and the caller gives it up; `header` is its header.
        unsafe { self.give_up(block, size, header) }
    }

    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let mark = self.mark();
        let block = self.allocate(layout)?;
        let dirty = self.dirty_len(block, mark);
        // SAFETY: `allocate` returned the block just now, and `dirty` is at most its length. By I9 its other
        // bytes are zero.
        unsafe { block.cast::<u8>().write_bytes(0, dirty) };
        Ok(block)
    }

    #[inline]
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let _ = old;
        let size = Self::granules(new_size).ok_or(AllocError)?;
        let block = self.offset(block);
        // SAFETY: the caller promises that the block is live, hence used, and gives up the bytes cut off.
        if unsafe { self.resize(block, size) } {
            Ok(self.slice(block, size))
        } else {
            Err(AllocError)
        }
    }

    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise.
        unsafe { self.reallocate(block, old, new) }
    }

    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise.
        unsafe { self.reallocate(block, old, new) }
    }
}

// SAFETY: the size is in the header, which only the heap writes (I1).
unsafe impl<S: Source, const GRANULE: usize, M: Merging> SizelessFree
    for CoalescingHeap<S, GRANULE, M>
{
    #[inline]
    unsafe fn free(&mut self, block: NonNull<u8>) {
        // SAFETY: the caller promises that the block is live, so it has a header (I1).
        let (block, header) = unsafe { self.regions.block_at(block.addr().get()) };
        if !header.is_used() || self.is_deferred(header) {
            self.refuse(header);
        }
        // SAFETY: the block is live, and the caller gives it up; `header` is its header.
        unsafe { self.give_up(block, header.size(), header) }
    }

    #[inline]
    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        // SAFETY: the caller promises that the block is live, so it has a header (I1).
        Self::payload(unsafe { self.regions.header(self.offset(block)) }.size())
    }

    unsafe fn realloc(
        &mut self,
        block: NonNull<u8>,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller promises that the block is live and aligned for `new`; so its usable size with
        // that alignment is a layout that fits it.
        unsafe {
            let old = Layout::from_size_align(self.usable_size(block), new.align());
            self.reallocate(block, old.map_err(|_| AllocError)?, new)
        }
    }
}
