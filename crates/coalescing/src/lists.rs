//! The bins' lists of free blocks: circular, and doubly linked through the blocks themselves.
//!
//! The head of each list is a pair of links at the start of the first region, at an offset like any
//! block's. So linking and unlinking need no special case for the ends of a list. When a list becomes
//! empty, the offset of its head gives the number of its bin.

use core_api::Source;

use crate::bins::{Bin, EXACT, bin_of};
use crate::heap::CoalescingHeap;
use crate::merging::Merging;
use crate::{Granules, Offset};

/// The most blocks of a bin that a search for the best fit looks at.
pub(crate) const MAX_PROBES: u32 = 8;

/// The most blocks of a bin that a search looks at before the request fails or the heap grows.
pub(crate) const MAX_LAST_PROBES: u32 = 16;

/// A free block, before it is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) block: Offset,
    pub(crate) size: Granules,
}

impl Found {
    /// No block: no request fits into it.
    const NOTHING: Self = Self { block: 0, size: 0 };
}

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    /// Returns the offset of the head of `bin`'s list.
    #[inline]
    pub(crate) fn head(bin: Bin) -> Offset {
        Self::HEADS + bin
    }

    /// Empties all lists whose heads lie before `end`.
    ///
    /// # Safety
    ///
    /// The heads lie in the first region and no block does yet.
    pub(crate) unsafe fn clear_lists(&mut self, end: Offset) {
        for head in Self::HEADS..end {
            // SAFETY: by the caller's promise `head` is a list head in the first region.
            unsafe {
                self.regions.set_next(head, head);
                self.regions.set_previous(head, head);
            }
        }
    }

    /// Puts a free block into its bin's list: at the front if its address is below the first block's, else
    /// at the end.
    ///
    /// This keeps the list roughly in address order without a search. Requests take low blocks first, so
    /// that high blocks have time to merge.
    ///
    /// # Safety
    ///
    /// `block` is a free block of `size` granules, at least 16 bytes, and in no list.
    #[inline]
    pub(crate) unsafe fn link(&mut self, block: Offset, size: Granules) {
        let bin = bin_of(size);
        let head = Self::head(bin);
        // SAFETY: `head` is the head of a list; by I6 `first` and `last` are in that list or are the head;
        // `block` is free and has room for links by the caller's promise.
        unsafe {
            let (first, last) = (self.regions.next(head), self.regions.previous(head));
            let in_front = block < first;
            let before = either(in_front, head, last);
            let after = either(in_front, first, head);
            self.regions.set_next(block, after);
            self.regions.set_previous(block, before);
            self.regions.set_next(before, block);
            self.regions.set_previous(after, block);
        }
        self.bins.set(bin);
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
            let next = self.regions.next(block);
            let previous = self.regions.previous(block);
            self.regions.set_next(previous, next);
            self.regions.set_previous(next, previous);
            (next, previous)
        };
        // If both neighbours are the same node, it is the head, and the list is now empty.
        self.bins
            .clear_if(next == previous, next.wrapping_sub(Self::HEADS));
    }

    /// Finds a free block of at least `size` granules and leaves it in its list: the best of the first
    /// `n_probes` in the request's own bin, else the first block in a higher bin. Returns a block of 0
    /// granules if there is none. O(n_probes).
    #[inline]
    pub(crate) fn find(&mut self, size: Granules, n_probes: u32) -> Found {
        let mut bin = bin_of(size);
        if size >= EXACT && self.bins.is_set(bin) {
            let found = self.best_of(bin, size, n_probes);
            if found.size != 0 {
                return found;
            }
            bin += 1;
        }
        self.first_from(bin)
    }

    /// Returns the first block of the first nonempty bin from `bin` on; a block of 0 granules if there is
    /// none.
    #[inline]
    pub(crate) fn first_from(&mut self, bin: Bin) -> Found {
        let Some(bin) = self.bins.find_from(bin) else {
            return Found::NOTHING;
        };
        // SAFETY: `bin` is the number of a bin; by I7 its list has a block, which is free (I5).
        unsafe {
            let block = self.regions.next(Self::head(bin));
            let size = match bin < EXACT {
                true => bin,
                false => self.regions.header(block).size(),
            };
            Found { block, size }
        }
    }

    /// Returns the smallest block with at least `size` granules among the first `n_probes` of `bin`; a block
    /// of 0 granules if there is none.
    #[inline]
    fn best_of(&self, bin: Bin, size: Granules, n_probes: u32) -> Found {
        let head = Self::head(bin);
        let (mut best, mut surplus) = (head, Granules::MAX - size);
        let mut node = head;
        for _ in 0..n_probes {
            // SAFETY: by I6 `node` is in the list of `bin` or is its head.
            node = unsafe { self.regions.next(node) };
            if node == head || surplus == 0 {
                break;
            }
            // SAFETY: `node` is not the head, so it is a free block (I5).
            let header = unsafe { self.regions.header(node) };
            // If the block is too small, the difference wraps around and exceeds any other.
            let own = header.size().wrapping_sub(size);
            if own < surplus {
                (best, surplus) = (node, own);
            }
        }
        if best == head {
            return Found::NOTHING;
        }
        Found {
            block: best,
            size: size + surplus,
        }
    }
}

/// Selects one of two values without a branch, because the condition is unpredictable.
#[inline]
const fn either(condition: bool, yes: Offset, no: Offset) -> Offset {
    let mask = (condition as Offset).wrapping_neg();
    no ^ (yes ^ no) & mask
}
