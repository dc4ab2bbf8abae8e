//! Commits a region step by step: tracks which parts the system has granted memory for.
//!
//! A region is address space without access rights, for which nothing is charged. The parts that a
//! heap needs are made accessible as it grows: a system that does not overcommit
//! (`vm.overcommit_memory = 2`, or a limit of data) counts every writable page, touched or not.
//!
//! ```text
//!  ┌────────┬─────────────┬──────────────────────────┬─────────┬─────────┬─────────┐
//!  │ header │ kinds ▒▒░░░ │ pages ▒▒▒▒▒▒▒░░░░░░░░░░░ │ st. ▒░░ │ rec ▒░░ │ mrk ▒░░ │
//!  └────────┴─────────────┴──────────────────────────┴─────────┴─────────┴─────────┘
//!   ▒ committed: the pages up to `pages`, and what describes those up to `described`
//! ```

use core::ops::Range;
use core::ptr::NonNull;

use core_api::align::round_down;

use crate::layout::units::{PAGE, PAGE_LOG2};
use crate::pages::parts::Parts;

/// Pages of a new heap: the sub-page area and as many again.
const FIRST: usize = 64;

/// Fewest pages of one step: a huge page. Each step ends at a huge page's bound.
const LEAST: usize = (2 << 20) / PAGE;

/// Each step is at least this part of the committed pages.
const PARTS_OF_PAGES: usize = 8;

/// Pages that are described at once, at least.
const LEAST_DESCRIBED: usize = (8 << 20) / PAGE;

/// What is committed of a region. Used with the heap's span lock held.
#[derive(Debug)]
pub(crate) struct Committed {
    base: NonNull<u8>,
    parts: Parts,
    /// The page behind the last one that is committed.
    pages: usize,
    /// The page behind the last one whose kinds, states, record and marks are committed; at least `pages`.
    described: usize,
}

impl Committed {
    /// No region.
    pub(crate) const NONE: Self = Self::all(0);

    /// The first `n_pages` pages of memory that needs no commit.
    pub(crate) const fn all(n_pages: usize) -> Self {
        Self {
            base: NonNull::dangling(),
            parts: Parts::NONE,
            pages: n_pages,
            described: n_pages,
        }
    }

    /// Commits the first parts of a new heap; `None` if the system refuses.
    ///
    /// # Safety
    ///
    /// At `base` begins a region with these parts that was reserved, and that outlives the value.
    pub(crate) unsafe fn new(base: NonNull<u8>, parts: Parts) -> Option<Self> {
        let mut committed = Self {
            base,
            parts,
            pages: parts.first_page,
            described: parts.first_page,
        };
        let until = (parts.first_page + FIRST).min(parts.end_page);
        let is_granted = committed.commit(parts.head())
            && committed.describe(until)
            && committed.commit_pages(until);
        is_granted.then_some(committed)
    }

    /// Bytes of the region that are described.
    pub(crate) const fn described(&self) -> usize {
        self.described << PAGE_LOG2
    }

    /// Whether all pages before `top` can be used. Commits the missing ones, and more if possible.
    #[inline]
    pub(crate) fn reaches(&mut self, top: u32) -> bool {
        let top = top as usize;
        top <= self.pages || self.grow(top)
    }

    #[cold]
    fn grow(&mut self, top: usize) -> bool {
        let used = self.pages - self.parts.first_page;
        let step = LEAST.max(used / PARTS_OF_PAGES);
        let next = round_down(self.pages + step, LEAST);
        let until = next.max(top.next_multiple_of(LEAST));
        self.reach(until.min(self.parts.end_page)) || self.reach(top)
    }

    /// Commits the pages before `until`, and what describes them.
    fn reach(&mut self, until: usize) -> bool {
        let is_described = until <= self.described || self.describe_more(until);
        is_described && self.commit_pages(until)
    }

    fn commit_pages(&mut self, until: usize) -> bool {
        let is_granted = self.commit(self.pages << PAGE_LOG2..until << PAGE_LOG2);
        if is_granted {
            self.pages = until;
        }
        is_granted
    }

    /// Describes the pages before `until`, and if possible half as many again as before.
    fn describe_more(&mut self, until: usize) -> bool {
        let step = LEAST_DESCRIBED.max((self.described - self.parts.first_page) / 2);
        let more = until.max(self.described + step).min(self.parts.end_page);
        self.describe(more) || self.describe(until)
    }

    /// Commits what describes the pages before `until`.
    fn describe(&mut self, until: usize) -> bool {
        let parts = self.parts.describing(&(self.described..until));
        let is_granted = parts.into_iter().all(|bytes| self.commit(bytes));
        if is_granted {
            self.described = until;
        }
        is_granted
    }

    fn commit(&self, bytes: Range<usize>) -> bool {
        // SAFETY: the region begins there, by the promise in `new`, and has these bytes. Without one
        // nothing is ever missing.
        unsafe { os::commit(self.base, bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: usize = 1 << 30;

    #[test]
    fn a_heap_that_grows_page_by_page_asks_the_system_rarely() {
        let base = os::reserve_aligned(REGION, REGION).expect("address space");
        let parts = Parts::of(REGION >> PAGE_LOG2, PAGE);
        // SAFETY: reserved just now.
        let mut committed = unsafe { Committed::new(base, parts) }.expect("memory");
        let mut n_steps = 0;
        for top in parts.first_page..=parts.end_page {
            let before = committed.pages;
            assert!(committed.reaches(top as u32));
            n_steps += usize::from(committed.pages > before);
            let used = top - parts.first_page;
            assert!(committed.pages >= top && committed.described >= committed.pages);
            assert!(committed.pages <= top + LEAST.max(used / PARTS_OF_PAGES));
            assert!(committed.described <= top + LEAST + LEAST_DESCRIBED + used);
        }
        assert!(n_steps < 60, "{n_steps} steps");
        // SAFETY: nothing else uses it.
        unsafe { os::unmap(base, REGION) };
    }
}
