//! Larger and smaller blocks without a move.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{Allocator, Growth, Source};

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
            if size <= header.size() {
                self.shrink_block(block, header, size);
                return true;
            }
            let next = block + header.size();
            let next_header = self.regions.header(next);
            if next_header.is_used() {
                return false;
            }
            let more = size - header.size();
            let Some(found) = self.room_behind(next, next_header, more) else {
                return false;
            };
            self.take_free(found, more);
            // What is left of the header must not look like that of a used block.
            self.regions.set_header(next, Header::TOP);
            self.regions.set_header(block, header.with_size(size));
            true
        }
    }

    /// The free block `next`, if it has `more` granules; the top may grow to have them.
    #[inline]
    fn room_behind(&mut self, next: Offset, header: Header, more: Granules) -> Option<Found> {
        let mut found = Found {
            block: next,
            size: header.size(),
        };
        if next == self.top {
            if self.top_size() < more {
                self.extend_top(more);
            }
            found = self.found_top();
        }
        (more <= found.size).then_some(found)
    }

    /// Cuts off what lies behind the first `size` granules and merges it with what follows.
    ///
    /// # Safety
    ///
    /// As [`resize`](Self::resize); `header` is the block's and `size` is not larger.
    #[inline]
    unsafe fn shrink_block(&mut self, block: Offset, header: Header, size: Granules) {
        let rest = header.size() - size;
        if rest == 0 {
            return;
        }
        // SAFETY: the rest belongs to the block and comes after its used part.
        unsafe {
            self.regions.set_header(block, header.with_size(size));
            self.release(block + size, Header::used(rest));
        }
    }

    /// Whether room is so scarce that a block which shrinks had better leave for a hole of its new
    /// size: less than a quarter of a heap that cannot grow is top. Never without deferred merging,
    /// where shrinking takes the same few steps whatever the size.
    pub(crate) fn is_scarce(&self) -> bool {
        let can_grow = !matches!(S::GROWTH, Growth::Never);
        !can_grow && self.merging.peek().is_some() && self.top_size() < self.len() / 4
    }

    /// Moves a block that shrinks into a hole that is hardly larger than its new size, if there is
    /// one. A block that shrinks where it is leaves one more hole between two blocks. O(new size).
    ///
    /// # Safety
    ///
    /// As [`shrink`](core_api::Allocator::shrink).
    pub(crate) unsafe fn move_into_hole(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<[u8]>> {
        let size = Self::granules(new.size())?;
        let found = self
            .find(size, MAX_PROBES)
            .filter(|found| found.size <= size + size / 8)?;
        // SAFETY: by I5 the hole is free and large enough; by I1 what is taken of it does not overlap
        // the block, which is live until it is freed with its layout.
        unsafe {
            let hole = self.take_found(found, size);
            let moved = self.slice(hole, size);
            moved
                .cast::<u8>()
                .copy_from_nonoverlapping(block, new.size());
            self.deallocate(block, old);
            Some(moved)
        }
    }
}
