//! Resizes blocks, without a move if possible.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::is_aligned;
use core_api::{AllocError, Allocator, Growth, Source};

use crate::header::Header;
use crate::heap::CoalescingHeap;
use crate::lists::{Found, MAX_PROBES};
use crate::merging::Merging;
use crate::{Granules, Offset};

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    /// Resizes `block` in place to exactly `size` granules. Returns false, and changes nothing, if it cannot.
    ///
    /// # Safety
    ///
    /// `block` is a used block; if it shrinks, the caller does not use the bytes cut off.
    pub(crate) unsafe fn resize(&mut self, block: Offset, size: Granules) -> bool {
        // SAFETY: the block is used, so it has a header, and a block, the top or the end of the region follows
        // (I1). By the caller's promise nothing uses the granules cut off.
        unsafe {
            let header = self.regions.header(block);
            let end = block + header.size();
            if size < header.size() {
                self.release(block + size, header.size() - size, Header::used(size));
            } else if size > header.size() && !self.take_behind(end, size - header.size()) {
                return false;
            }
            self.regions.set_header(block, header.with_size(size));
        }
        true
    }

    /// Takes the first `more` granules of the block `next` if it is free and large enough; else returns
    /// false. Extends the top if it is too small.
    ///
    /// # Safety
    ///
    /// `next` names a block, the top or the end of a region.
    #[inline]
    unsafe fn take_behind(&mut self, next: Offset, more: Granules) -> bool {
        // SAFETY: `next` has a header by the caller's promise; `take_free` gets a free block of at least `more`
        // granules.
        unsafe {
            let header = self.regions.header(next);
            if header.is_used() {
                return false;
            }
            let mut size = header.size();
            if next == self.top {
                if self.top_size() < more {
                    self.extend_top(more);
                }
                size = self.top_size();
            }
            if size < more {
                return false;
            }
            self.take_free(Found { block: next, size }, more);
            // The stale header inside the block must not look like a used block's.
            self.regions.set_header(next, Header::TOP);
        }
        true
    }

    /// Returns true if memory is scarce: the heap cannot grow, and less than a quarter of it is top. Then a
    /// block that shrinks should move to a hole of its new size. Always false with immediate merging, so that
    /// shrinking takes the same few steps for every size.
    pub(crate) fn is_scarce(&self) -> bool {
        let can_grow = !matches!(S::GROWTH, Growth::Never);
        !can_grow && self.merging.peek().is_some() && self.top_size() < self.len() / 4
    }

    /// Returns true if a block that shrinks to `new_size` bytes should move: it shrinks to half or less, memory
    /// is [scarce](Self::is_scarce), and there is a hole at most 1/8 larger than the new size. In place, it
    /// would leave one more hole between two blocks.
    #[inline]
    fn leaves_for_a_hole(&mut self, old_size: usize, new_size: usize) -> bool {
        if new_size > old_size / 2 || !self.is_scarce() {
            return false;
        }
        Self::granules(new_size).is_some_and(|size| {
            let found = self.find(size, MAX_PROBES);
            size <= found.size && found.size <= size + size / 8
        })
    }

    /// Resizes a block: in place if possible, else by a move. O(bytes kept) if the block moves.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no room; the block is live and unchanged.
    ///
    /// # Safety
    ///
    /// `block` is live and `old` fits it.
    pub(crate) unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let stays = is_aligned(block.addr().get(), new.align());
        // SAFETY: by the caller's promise `block` is live and `old` fits it. The new block is live too, so the
        // two are disjoint (I1), and each has at least `kept` bytes. `block` is freed once, after the copy.
        unsafe {
            if stays
                && !self.leaves_for_a_hole(old.size(), new.size())
                && let Ok(resized) = self.resize_in_place(block, old, new.size())
            {
                return Ok(resized);
            }
            if let Ok(moved) = self.allocate(new) {
                let kept = old.size().min(new.size());
                moved.cast::<u8>().copy_from_nonoverlapping(block, kept);
                self.deallocate(block, old);
                return Ok(moved);
            }
            // The failed request has merged all deferred blocks, perhaps one right behind this block.
            if !stays || self.merging.peek().is_none() {
                return Err(AllocError);
            }
            self.resize_in_place(block, old, new.size())
        }
    }
}
