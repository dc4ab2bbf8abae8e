//! Growing and shrinking: `mremap` for direct mappings, stage 4 for the rest, moving when neither
//! can.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::is_aligned;
use core_api::{AllocError, Allocator};

use crate::MmapHeap;
use crate::os::{self, Mapping};
use crate::retention::LEAST_DIRECT;

impl<const GRANULE: usize> MmapHeap<GRANULE> {
    /// Resizes a direct mapping to `new`; moves the block if it must, or has become so small that
    /// it belongs into the heap.
    ///
    /// # Safety
    ///
    /// As [`Allocator::grow`] and [`Allocator::shrink`] ask.
    pub(crate) unsafe fn reallocate_direct(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on, once: each success returns.
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

    /// Grows a direct mapping; the pages that `mremap` adds are zero as they come.
    ///
    /// # Safety
    ///
    /// As [`Allocator::grow_zeroed`] asks.
    pub(crate) unsafe fn grow_zeroed_direct(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let known = self.direct.get(block.addr().get()).ok_or(AllocError)?;
        // SAFETY: the caller's promise is passed on, once; up to its old length the mapping is the
        // block's.
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

    /// Grows a block of the heap; where it moves, fresh pages are not cleared again. So it moves
    /// where clearing in place would write more than a move copies.
    ///
    /// # Safety
    ///
    /// As [`Allocator::grow_zeroed`] asks.
    pub(crate) unsafe fn grow_zeroed_in_heap(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let cleared_in_place = new.size() - old.size();
        // SAFETY: the caller's promise is passed on, once; the block has the bytes of `resized`.
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

    /// Resizes a mapping, which may move unless `new` asks for more alignment than the OS gives.
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
        // SAFETY: the caller's promise is passed on; the target is live and large enough.
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
        // SAFETY: the caller's promise is passed on; the target is live and large enough.
        unsafe { self.move_to(target, block, old, new) };
        Ok(target)
    }

    /// Copies what is kept to `target` and frees `block`.
    unsafe fn move_to(
        &mut self,
        target: NonNull<[u8]>,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) {
        let kept = old.size().min(new.size());
        // SAFETY: both blocks are live, hence disjoint (I4), and have at least `kept` bytes; the
        // old one is not used again.
        unsafe {
            target.cast::<u8>().copy_from_nonoverlapping(block, kept);
            self.deallocate(block, old);
        }
    }
}

/// Zeroes the bytes `from..to` of a block.
unsafe fn clear(block: NonNull<u8>, from: usize, to: usize) {
    let len = to.saturating_sub(from);
    // SAFETY: the caller has a block of at least `to` bytes if there is anything to do.
    unsafe { block.add(from.min(to)).write_bytes(0, len) };
}
