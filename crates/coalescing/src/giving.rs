//! Freeing: make a free block of granules, and merge it with its neighbours.

use core_api::Source;

use crate::header::Header;
use crate::heap::CoalescingHeap;
use crate::merging::Merging;
use crate::{Granules, Offset};

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    /// Makes the `size` granules from `block` a free block between two used ones. If `size` is 0, only sets
    /// the previous-used bit of the next block.
    ///
    /// # Safety
    ///
    /// The granules belong to no block, and the block after them is used and has its
    /// previous-used bit clear.
    #[inline]
    pub(crate) unsafe fn give_rest(&mut self, block: Offset, size: Granules) {
        // SAFETY: by I1 a block or the end of the region follows, so there is a header; the caller's promise
        // is passed on.
        unsafe {
            if size == 0 {
                let next = self.regions.header(block);
                self.regions.set_header(block, next.after_used());
            } else {
                self.give(block, size);
            }
        }
    }

    /// Makes the `size` granules from `block` a free block, and puts the block in a list if it has room
    /// for links.
    ///
    /// # Safety
    ///
    /// The granules belong to no block; the blocks around them are used, and the one after them
    /// has its previous-used bit clear.
    #[inline]
    pub(crate) unsafe fn give(&mut self, block: Offset, size: Granules) {
        // SAFETY: by the caller's promise the granules belong to the heap and to no block, and a block follows.
        unsafe {
            self.regions.set_header(block, Header::free(size));
            self.regions.set_size_before(block + size, size);
            if Self::is_listed(size) {
                self.link(block, size);
            }
        }
    }

    /// Frees the `size` granules from `block` and merges them with their free neighbours.
    ///
    /// `size` is a parameter because a caller may know it without the header: then the processor can load
    /// the next block's header before this block's header has arrived.
    ///
    /// # Safety
    ///
    /// Nothing uses the granules any more, and a block, the top or the end of the region follows them;
    /// `header` says whether the block before them is used.
    pub(crate) unsafe fn release(&mut self, block: Offset, size: Granules, header: Header) {
        let (mut block, mut size) = (block, size);
        let next = block + size;
        // SAFETY: by I1 and I2 the neighbours are blocks, and by I3 the one before has a footer.
        unsafe {
            if !header.is_previous_used() {
                // The stale header inside the merged block must not look like a used block's.
                self.regions.set_header(block, Header::TOP);
                let before = self.regions.size_before(block);
                block -= before;
                size += before;
                if Self::is_listed(before) {
                    self.unlink(block);
                }
            }
            let next_header = self.regions.header(next);
            if next_header.is_used() {
                self.regions.set_header(next, next_header.after_free());
            } else if next == self.top {
                return self.lower_top(block);
            } else {
                size += next_header.size();
                if Self::is_listed(next_header.size()) {
                    self.unlink(next);
                }
            }
            self.give(block, size);
        }
    }

    /// Merges everything from `block` on into the top.
    ///
    /// # Safety
    ///
    /// Between `block` and the top there is no used block and no listed block.
    #[inline]
    pub(crate) unsafe fn lower_top(&mut self, block: Offset) {
        if S::ZEROED {
            self.fresh = self.fresh.max(self.top);
        }
        self.top = block;
        // SAFETY: the granules from `block` on belong to the top by the caller's promise.
        unsafe { self.regions.set_header(block, Header::TOP) };
    }
}
