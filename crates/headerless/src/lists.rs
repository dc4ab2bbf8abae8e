//! The bins' lists of free blocks: circular, and doubly linked through the blocks themselves.
//!
//! The heads lie at the start of the region, one in each granule, and have their links at the same place as
//! a block. So linking and unlinking need no special case for the ends of a list. When a list becomes empty,
//! the offset of its head is the number of its bin.

use core::hint::select_unpredictable;

use coalescing::bins::{Bin, EXACT, bin_of};
use core_api::Source;

use crate::heap::HeaderlessHeap;
use crate::{Granules, Offset};

/// The most blocks of a bin that a search for the best fit looks at.
const MAX_PROBES: u32 = 8;

/// The most blocks of a bin that a search looks at before the request fails.
const MAX_LAST_PROBES: u32 = 16;

/// A free block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) block: Offset,
    pub(crate) size: Granules,
}

impl<S: Source> HeaderlessHeap<S> {
    /// Empties the first `n_bins` lists.
    ///
    /// # Safety
    ///
    /// The heads lie in the region, and there is no block yet.
    pub(crate) unsafe fn clear_lists(&mut self, n_bins: Bin) {
        for head in 0..n_bins {
            // SAFETY: by the caller's promise `head` is a list head in the region.
            unsafe { self.memory.join(head, head) }
        }
    }

    /// Puts a free block into its bin's list: at the front if its address is below the first block's, else at
    /// the end. Requests take low blocks first, so that high blocks have time to merge.
    ///
    /// # Safety
    ///
    /// `block` is a free block of `size` granules, at least two, and in no list.
    #[inline]
    pub(crate) unsafe fn link(&mut self, block: Offset, size: Granules) {
        let head = bin_of(size);
        // SAFETY: `head` is the head of a list; by I6 `first` and `last` are in that list or are the head;
        // `block` is free and has room for links by the caller's promise.
        unsafe {
            let (first, last) = (self.memory.next(head), self.memory.previous(head));
            let in_front = block < first;
            let before = select_unpredictable(in_front, head, last);
            let after = select_unpredictable(in_front, first, head);
            self.memory.join(before, block);
            self.memory.join(block, after);
        }
        self.bins.set(head);
    }

    /// Takes a block out of its list.
    ///
    /// # Safety
    ///
    /// `block` is in a list.
    #[inline]
    pub(crate) unsafe fn unlink(&mut self, block: Offset) {
        // SAFETY: by I6 the neighbours are in the same list or are its head.
        let (next, previous) = unsafe {
            let next = self.memory.next(block);
            let previous = self.memory.previous(block);
            self.memory.join(previous, next);
            (next, previous)
        };
        // If both neighbours are the same node, it is the head, and the list is now empty.
        self.bins.clear_if(next == previous, next);
    }

    /// Finds a free block of at least `size` granules and leaves it in its list: the best of the first few in
    /// the request's own bin, else the first block in a higher bin. O(1): it looks at no more than
    /// [`MAX_PROBES`] blocks and one.
    #[inline]
    pub(crate) fn find(&mut self, size: Granules) -> Option<Found> {
        let own = bin_of(size);
        let bin = self.bins.find_from(own)?;
        if bin >= EXACT && bin == own {
            return self.find_wide(own, size);
        }
        Some(self.first_of(bin))
    }

    /// As [`find`](Self::find), for a request whose own bin has blocks of several sizes.
    fn find_wide(&mut self, own: Bin, size: Granules) -> Option<Found> {
        if let Some(found) = self.best_of(own, size, MAX_PROBES) {
            return Some(found);
        }
        let higher = self.bins.find_from(own + 1)?;
        Some(self.first_of(higher))
    }

    /// Returns the first block of a bin whose bit is set.
    #[inline]
    fn first_of(&self, bin: Bin) -> Found {
        // SAFETY: by I7 the list of `bin` has a block, and by I3 the block has a size.
        unsafe {
            let block = self.memory.next(bin);
            let size = match bin < EXACT {
                true => bin,
                false => self.memory.size(block),
            };
            Found { block, size }
        }
    }

    /// Searches deeper in the request's own bin, which may hold a fitting block behind the first few.
    pub(crate) fn find_last(&self, size: Granules) -> Option<Found> {
        let bin = bin_of(size);
        if bin < EXACT || !self.bins.is_set(bin) {
            return None;
        }
        self.best_of(bin, size, MAX_LAST_PROBES)
    }

    /// Returns the smallest block with at least `size` granules among the first `n_probes` of `bin`.
    fn best_of(&self, bin: Bin, size: Granules, n_probes: u32) -> Option<Found> {
        let mut best: Option<Found> = None;
        let mut node = bin;
        for _ in 0..n_probes {
            // SAFETY: by I6 `node` is in the list of `bin` or is its head.
            node = unsafe { self.memory.next(node) };
            if node == bin {
                break;
            }
            let found = Found {
                block: node,
                // SAFETY: `node` is not the head, so it is a free block (I5), which has a size (I3).
                size: unsafe { self.memory.size(node) },
            };
            if found.size == size {
                return Some(found);
            }
            if found.size > size && best.is_none_or(|best| found.size < best.size) {
                best = Some(found);
            }
        }
        best
    }
}
