//! Larger and smaller blocks without a move.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::is_aligned;
use core_api::{AllocError, Allocator, Growth, Source};

use crate::header::Header;
use crate::heap::Heap;
use crate::lists::{Found, MAX_PROBES};
use crate::merging::Merging;
use crate::{Granules, Offset};

impl<S: Source, const GRANULE: usize, M: Merging> Heap<S, GRANULE, M> {
    /// Makes `block` exactly `size` granules where it is; false if it cannot, and is unchanged.
    ///
    /// # Safety
    ///
    /// `block` is a used block; if it becomes smaller, nobody uses the bytes cut off.
    pub(crate) unsafe fn resize(&mut self, block: Offset, size: Granules) -> bool {
        // SAFETY: the caller's promise.
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

    /// Takes the first `more` granules of the free block `next`; false if it is not free or not so
    /// large. The top may grow to be.
    ///
    /// # Safety
    ///
    /// `next` names a block, the top or the end of a region.
    #[inline]
    unsafe fn take_behind(&mut self, next: Offset, more: Granules) -> bool {
        // SAFETY: the caller's promise; what is taken is free.
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
            // What is left of the header must not look like that of a used block.
            self.regions.set_header(next, Header::TOP);
        }
        true
    }

    /// Whether room is so scarce that a block which shrinks had better leave for a hole of its new
    /// size: less than a quarter of a heap that cannot grow is top. Never without deferred merging,
    /// where shrinking takes the same few steps whatever the size.
    pub(crate) fn is_scarce(&self) -> bool {
        let can_grow = !matches!(S::GROWTH, Growth::Never);
        !can_grow && self.merging.peek().is_some() && self.top_size() < self.len() / 4
    }

    /// Whether a block had better move to become `new_size` bytes: it shrinks to half or less, room is
    /// [scarce](Self::is_scarce), and there is a hole that is hardly larger. A block that shrinks where
    /// it is leaves one more hole between two blocks.
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

    /// A block of another size: where it is if it can be, else elsewhere. O(bytes kept) if it moves.
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
        // SAFETY: the caller's promise; a block that was allocated just now is not this one, which is
        // live until it is given back with its layout.
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
            // The request that failed has merged what was deferred behind the block.
            if !stays || self.merging.peek().is_none() {
                return Err(AllocError);
            }
            self.resize_in_place(block, old, new.size())
        }
    }
}
