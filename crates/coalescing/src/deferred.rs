//! Deferred blocks: freed blocks that wait, unmerged, for a request of their size.
//!
//! The header of a deferred block says used, so that its neighbours do not merge with it. The header's
//! size is 0, which no other block's header has. The first payload word links the block to the next one
//! of its size; the second word holds the size.

use core_api::{Growth, Source};

use crate::header::Header;
use crate::heap::CoalescingHeap;
use crate::merging::{Merging, QuickLists};
use crate::regions::Regions;
use crate::{Granules, Offset};

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    /// Frees a block: defers its merging if the heap may, else merges it.
    ///
    /// # Safety
    ///
    /// As [`release`](Self::release), and `header` is the block's own.
    #[inline]
    pub(crate) unsafe fn give_up(&mut self, block: Offset, size: Granules, header: Header) {
        // A block before the top merges into the top without touching a list, which costs less than deferring.
        let is_before_top = block + size == self.top;
        if !is_before_top
            && Self::can_be_listed(block)
            && self.merging.may_defer(size)
            && self.is_roomy()
        {
            // SAFETY: the caller's promise is passed on; `may_defer` has checked that `size` has a list.
            unsafe { self.defer(block, size, header) }
        } else if self.is_dropping() {
            // SAFETY: the caller's promise is passed on.
            unsafe { self.release_and_merge(block, size, header) }
        } else {
            // SAFETY: the caller's promise is passed on.
            unsafe { self.release(block, size, header) }
        }
    }

    /// Merges a freed block, and one deferred block, for a program that [drops](Self::is_dropping) its blocks.
    ///
    /// # Safety
    ///
    /// As [`release`](Self::release).
    #[cold]
    #[inline(never)]
    unsafe fn release_and_merge(&mut self, block: Offset, size: Granules, header: Header) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.release(block, size, header) };
        self.merge_one();
    }

    /// Returns true if some blocks wait although the program has freed so many in a row that none should.
    #[inline]
    fn is_dropping(&self) -> bool {
        let lists = self.merging.peek();
        lists.is_some_and(|lists| {
            lists.granules != 0 && lists.n_in_a_row >= QuickLists::MAX_IN_A_ROW
        })
    }

    /// Returns false for offset 0, which marks the end of a quick list. Only a block in a region far below
    /// the first one can have that offset.
    #[inline]
    const fn can_be_listed(block: Offset) -> bool {
        Self::HEADS == 0 || block != 0
    }

    /// Returns true if holes between blocks do no harm, because more than half of the heap is top or the heap
    /// can grow.
    #[inline]
    fn is_roomy(&self) -> bool {
        let can_grow = !matches!(S::GROWTH, Growth::Never);
        let lists = self.merging.peek();
        can_grow || lists.is_some_and(|lists| self.top < lists.middle)
    }

    /// Sets the end of the last region, and computes how much of a heap of that length may be deferred.
    pub(crate) fn set_end(&mut self, end: Offset) {
        self.end = end;
        let len = self.len();
        if let Some(lists) = self.merging.quick_lists() {
            let share = match S::GROWTH {
                Growth::Never => QuickLists::SHARE,
                _ => QuickLists::SHARE_IF_GROWING,
            };
            lists.limit = (len / share).min(QuickLists::MAX_GRANULES);
            if matches!(S::GROWTH, Growth::Never) {
                lists.middle = end - len / 2;
            }
        }
    }

    /// Returns the granules of the heap. O(regions).
    #[inline]
    pub(crate) fn len(&self) -> Granules {
        match Regions::<S, GRANULE>::MANY {
            true => self.regions.len(),
            false => self.end,
        }
    }

    /// Puts a freed block into the quick list of its size.
    ///
    /// # Safety
    ///
    /// As [`give_up`](Self::give_up); `size` has a list.
    #[inline]
    unsafe fn defer(&mut self, block: Offset, size: Granules, header: Header) {
        let Some(lists) = self.merging.quick_lists() else {
            return;
        };
        let next = core::mem::replace(&mut lists.heads[size as usize], block);
        lists.granules += size;
        lists.n_in_a_row += 1;
        // SAFETY: the block's owner gave it up, and every block's payload has room for two words.
        unsafe {
            self.regions.set_header(block, header.with_size(0));
            self.regions.set_next(block, next);
            self.regions.set_previous(block, size);
        }
    }

    /// Returns the deferred block of exactly `size` granules that a request would get.
    #[inline]
    pub(crate) fn deferred(&self, size: Granules) -> Option<Offset> {
        let head = *self.merging.peek()?.heads.get(size as usize)?;
        (head != 0).then_some(head)
    }

    /// Takes a deferred block of exactly `size` granules, which is used from then on.
    #[inline]
    pub(crate) fn take_deferred(&mut self, size: Granules) -> Option<Offset> {
        self.end_run();
        self.pop_deferred(size)
    }

    /// Ends the run of frees, because the program requests a block.
    #[inline]
    pub(crate) fn end_run(&mut self) {
        if let Some(lists) = self.merging.quick_lists() {
            lists.n_in_a_row = 0;
        }
    }

    #[inline]
    fn pop_deferred(&mut self, size: Granules) -> Option<Offset> {
        let lists = self.merging.quick_lists()?;
        let head = lists.heads.get_mut(size as usize)?;
        let block = *head;
        if block == 0 {
            return None;
        }
        // SAFETY: by I10 the block is deferred: its first word is a link.
        *head = unsafe { self.regions.next(block) };
        lists.granules -= size;
        // SAFETY: by I10 the block has a header with a size of 0, and has just left its only list.
        unsafe {
            let header = self.regions.header(block);
            self.regions.set_header(block, header.sized(size));
        }
        Some(block)
    }

    /// Returns true if blocks still wait although the heap is no longer roomy.
    #[inline]
    pub(crate) fn is_tight(&self) -> bool {
        let lists = self.merging.peek();
        lists.is_some_and(|lists| lists.granules != 0) && !self.is_roomy()
    }

    /// Merges a few deferred blocks for a request in a [tight](Self::is_tight) heap, so that no single request
    /// pays for all of them.
    #[cold]
    pub(crate) fn merge_some(&mut self) {
        for _ in 0..QuickLists::MAX_MERGED {
            self.merge_one();
        }
    }

    /// Merges all deferred blocks; returns false if there were none. O(blocks deferred).
    pub(crate) fn merge_deferred(&mut self) -> bool {
        let mut any = false;
        while self.merge_one() {
            any = true;
        }
        any
    }

    /// Merges a deferred block; returns false if there is none.
    fn merge_one(&mut self) -> bool {
        let lists = self.merging.quick_lists();
        let Some(size) = lists.and_then(QuickLists::next_size) else {
            return false;
        };
        let Some(block) = self.pop_deferred(size) else {
            return false;
        };
        // SAFETY: `pop_deferred` returned the block just now, so it is in no list and nothing uses it.
        unsafe {
            let header = self.regions.header(block);
            self.release(block, size, header);
        }
        true
    }

    /// Returns whether `header` belongs to a deferred block. It must not be the end of a region, whose header
    /// looks the same.
    #[inline]
    pub(crate) fn is_deferred(&self, header: Header) -> bool {
        self.merging.peek().is_some() && header.is_used_without_size()
    }

    /// Returns the granules of `block`, which may be deferred.
    ///
    /// # Safety
    ///
    /// `block` names a block or the top, but not the end of a region, and `header` is its header.
    pub(crate) unsafe fn size_of(&self, block: Offset, header: Header) -> Granules {
        match self.is_deferred(header) {
            // SAFETY: by I10 the second word of a deferred block is its size.
            true => unsafe { self.regions.previous(block) },
            false => header.size(),
        }
    }
}
