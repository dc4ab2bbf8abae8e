//! Growing and shrinking: `mremap` resizes direct mappings, and stage 4 resizes other blocks. If neither can,
//! the block moves.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::is_aligned;
use core_api::{AllocError, Allocator};

use crate::MmapHeap;
use crate::mapping::Mapping;
use crate::retention::LEAST_DIRECT;

impl<const GRANULE: usize> MmapHeap<GRANULE> {
    /// Resizes a direct mapping to `new`. Moves the block if it must, or if the block has become so small
    /// that it belongs in the heap.
    ///
    /// # Safety
    ///
    /// As for [`Allocator::grow`] and [`Allocator::shrink`].
    pub(crate) unsafe fn reallocate_direct(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on. Each success returns, so only one call uses the block up.
        unsafe {
            if new.size() < LEAST_DIRECT
                && let Ok(moved) = self.move_block(block, old, new)
            {
                return Ok(moved);
            }
            match self.remap(block, new) {
                Ok(mapping) => Ok(mapping.payload()),
                Err(AllocError) => self.move_block(block, old, new),
            }
        }
    }

    /// Grows a direct mapping and clears the new bytes; the pages that `mremap` adds are zero already.
    ///
    /// # Safety
    ///
    /// As for [`Allocator::grow_zeroed`].
    pub(crate) unsafe fn grow_zeroed_direct(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let known = self.direct.get(block.addr().get()).ok_or(AllocError)?;
        // SAFETY: the caller's promise is passed on to one call that succeeds. The new mapping has at least
        // `known.len()` bytes, all of them the block's.
        unsafe {
            match self.remap(block, new) {
                Ok(mapping) => {
                    clear(mapping.base(), old.size(), known.len());
                    Ok(mapping.payload())
                }
                Err(AllocError) => self.move_zeroed(block, old, new),
            }
        }
    }

    /// Grows a block of the heap and clears the new bytes. A move copies the old bytes but need not clear
    /// fresh pages. So the block moves if clearing in place would write more bytes than a move copies.
    ///
    /// # Safety
    ///
    /// As for [`Allocator::grow_zeroed`].
    pub(crate) unsafe fn grow_zeroed_in_heap(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let cleared_in_place = new.size() - old.size();
        // SAFETY: the caller's promise is passed on to one call that succeeds; the block has
        // `resized.len()` bytes.
        unsafe {
            if new.align() == old.align()
                && cleared_in_place <= old.size().max(LEAST_DIRECT)
                && let Ok(resized) = self.resize_in_place(block, old, new.size())
            {
                clear(resized.cast(), old.size(), resized.len());
                return Ok(resized);
            }
            self.move_zeroed(block, old, new)
        }
    }

    /// Resizes a mapping. It may move unless `new` needs a larger alignment than a page.
    unsafe fn remap(&mut self, block: NonNull<u8>, new: Layout) -> Result<Mapping, AllocError> {
        let address = block.addr().get();
        if !is_aligned(address, new.align()) {
            return Err(AllocError);
        }
        let may_move = new.align() <= os::page_size();
        // SAFETY: the caller's promise is passed on.
        unsafe { self.direct.resize(address, new.size(), may_move) }
    }

    unsafe fn move_block(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let target = self.allocate(new)?;
        // SAFETY: the caller's promise is passed on; `allocate` returned a live block for `new`.
        unsafe { self.move_to(target, block, old, new) };
        Ok(target)
    }

    unsafe fn move_zeroed(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let target = self.allocate_zeroed(new)?;
        // SAFETY: the caller's promise is passed on; `allocate_zeroed` returned a live block for `new`.
        unsafe { self.move_to(target, block, old, new) };
        Ok(target)
    }

    /// Copies the bytes that fit to `target`, and frees `block`.
    unsafe fn move_to(
        &mut self,
        target: NonNull<[u8]>,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) {
        let kept = old.size().min(new.size());
        // SAFETY: both blocks are live, hence disjoint (I4), and have at least `kept` bytes; the caller does not
        // use the old one again.
        unsafe {
            target.cast::<u8>().copy_from_nonoverlapping(block, kept);
            self.deallocate(block, old);
        }
    }
}

/// Zeroes the bytes `from..to` of a block.
unsafe fn clear(block: NonNull<u8>, from: usize, to: usize) {
    let len = to.saturating_sub(from);
    // SAFETY: the caller passes a block of at least `to` bytes; if `to <= from`, `len` is 0.
    unsafe { block.add(from.min(to)).write_bytes(0, len) };
}
