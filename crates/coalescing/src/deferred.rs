//! Freed blocks that wait, unmerged, for a request of their size.
//!
//! To its neighbours such a block is used: its header says so, with a size of 0, which no used block
//! has. Its first payload word links it to the next one of its size; the second holds the size.

use core_api::{Growth, Source};

use crate::header::Header;
use crate::heap::Heap;
use crate::merging::{Merging, QuickLists};
use crate::regions::Regions;
use crate::{Granules, Offset};

impl<S: Source, const GRANULE: usize, M: Merging> Heap<S, GRANULE, M> {
    /// Frees a block: defers its merging if that may be, else merges it.
    ///
    /// # Safety
    ///
    /// As [`release`](Self::release), and `header` is the block's own.
    #[inline]
    pub(crate) unsafe fn give_up(&mut self, block: Offset, size: Granules, header: Header) {
        // Before the top there is no list to spare: merging costs less than waiting.
        let is_before_top = block + size == self.top;
        if !is_before_top
            && Self::can_be_listed(block)
            && self.merging.may_defer(size)
            && self.is_roomy()
        {
            // SAFETY: the caller's promise.
            unsafe { self.defer(block, size, header) }
        } else if self.is_dropping() {
            // SAFETY: the caller's promise.
            unsafe { self.release_and_merge(block, size, header) }
        } else {
            // SAFETY: the caller's promise.
            unsafe { self.release(block, size, header) }
        }
    }

    /// Frees a block of a program that drops its blocks, and merges one that waits.
    ///
    /// # Safety
    ///
    /// As [`release`](Self::release).
    #[cold]
    #[inline(never)]
    unsafe fn release_and_merge(&mut self, block: Offset, size: Granules, header: Header) {
        // SAFETY: the caller's promise.
        unsafe { self.release(block, size, header) };
        self.merge_one();
    }

    /// Whether so many blocks were freed in a row that none should wait any more, and some do.
    #[inline]
    fn is_dropping(&self) -> bool {
        let lists = self.merging.peek();
        lists.is_some_and(|lists| {
            lists.granules != 0 && lists.n_in_a_row >= QuickLists::MAX_IN_A_ROW
        })
    }

    /// Whether `block` can be told from the end of a quick list, which is offset 0. Only a region far
    /// below the first one has that offset, if anything.
    #[inline]
    const fn can_be_listed(block: Offset) -> bool {
        Self::HEADS == 0 || block != 0
    }

    /// Whether there is room enough not to care where holes are: more than half of the heap is
    /// top, or the heap can grow.
    #[inline]
    fn is_roomy(&self) -> bool {
        let can_grow = !matches!(S::GROWTH, Growth::Never);
        let lists = self.merging.peek();
        can_grow || lists.is_some_and(|lists| self.top < lists.middle)
    }

    /// Makes the last region end at `end`, and works out how much of such a heap may be deferred.
    pub(crate) fn set_end(&mut self, end: Offset) {
        self.end = end;
        let len = self.len();
        if let Some(lists) = self.merging.quick_lists() {
            let share = match S::GROWTH {
                Growth::Never => QuickLists::SHARE,
                Growth::InPlace | Growth::Regions => QuickLists::SHARE_IF_GROWING,
            };
            lists.limit = (len / share).min(QuickLists::MAX_GRANULES);
            if matches!(S::GROWTH, Growth::Never) {
                lists.middle = end - len / 2;
            }
        }
    }

    /// Granules of the heap. O(regions).
    #[inline]
    pub(crate) fn len(&self) -> Granules {
        match Regions::<S, GRANULE>::MANY {
            true => self.regions.len(),
            false => self.end,
        }
    }

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
        // SAFETY: the block's owner gave it up, and it has room for two words.
        unsafe {
            self.regions.set_header(block, header.with_size(0));
            self.regions.set_next(block, next);
            self.regions.set_previous(block, size);
        }
    }

    /// The deferred block of exactly `size` granules that would be taken next.
    #[inline]
    pub(crate) fn deferred(&self, size: Granules) -> Option<Offset> {
        let head = *self.merging.peek()?.heads.get(size as usize)?;
        (head != 0).then_some(head)
    }

    /// A deferred block of exactly `size` granules, used again.
    #[inline]
    pub(crate) fn take_deferred(&mut self, size: Granules) -> Option<Offset> {
        self.end_run();
        self.pop_deferred(size)
    }

    /// Notes that the program asks for a block.
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
        // SAFETY: the header is that of a block which was in no list but the one it left.
        unsafe {
            let header = self.regions.header(block);
            self.regions.set_header(block, header.sized(size));
        }
        Some(block)
    }

    /// Whether blocks may wait although the heap is not roomy any more.
    #[inline]
    pub(crate) fn is_tight(&self) -> bool {
        let lists = self.merging.peek();
        lists.is_some_and(|lists| lists.granules != 0) && !self.is_roomy()
    }

    /// Merges a few deferred blocks, for a request in a [tight](Self::is_tight) heap, so that no request
    /// pays for all.
    #[cold]
    pub(crate) fn merge_some(&mut self) {
        for _ in 0..QuickLists::MAX_MERGED {
            self.merge_one();
        }
    }

    /// Merges all deferred blocks; false if there were none. O(blocks deferred).
    pub(crate) fn merge_deferred(&mut self) -> bool {
        let mut any = false;
        while self.merge_one() {
            any = true;
        }
        any
    }

    /// Merges a deferred block; false if there is none.
    fn merge_one(&mut self) -> bool {
        let lists = self.merging.quick_lists();
        let Some(size) = lists.and_then(QuickLists::next_size) else {
            return false;
        };
        let Some(block) = self.pop_deferred(size) else {
            return false;
        };
        // SAFETY: the block was just taken and nobody else has it.
        unsafe {
            let header = self.regions.header(block);
            self.release(block, size, header);
        }
        true
    }

    /// Whether `header` is that of a deferred block, if it is not the end of a region.
    #[inline]
    pub(crate) fn is_deferred(&self, header: Header) -> bool {
        self.merging.peek().is_some() && header.is_used_without_size()
    }

    /// The granules of `block`, deferred or not.
    ///
    /// # Safety
    ///
    /// `block` names a block or the top, not the end of a region, and `header` is its header.
    pub(crate) unsafe fn size_of(&self, block: Offset, header: Header) -> Granules {
        match self.is_deferred(header) {
            // SAFETY: by I10 the second word of a deferred block is its size.
            true => unsafe { self.regions.previous(block) },
            false => header.size(),
        }
    }
}
