//! The growth span: pages behind the block that grew last, into which it grows without a lock.
//!
//! ```text
//!   ┌───────┬─────────────────────┐   the block grows: the bound between the two moves to the right
//!   │ block │ growth span         │   it is freed: all is growth span
//!   └───────┴─────────────────────┘   another block needs a place to grow: it gets the span's first pages
//! ```
//!
//! The page map knows it as a cached span. Only the owner moves its bounds, while another thread may walk the pages with
//! the span lock held. So the runs behind a bound are described before it moves, and a former bound stays marked:
//! at every moment a walk finds whole runs.

use crate::clock;
use crate::heap::cached_spans::{LONGEST, release};
use crate::heap::owned::Owned;
use crate::pages::page_map::{CACHED, LARGE, PageMap};
use crate::pages::span::Span;
use crate::pages::span_cache::{LEAST_GROWABLE, LEAST_WHEN_VACANT};

/// A growth span has at most this many pages when it begins.
pub(crate) const MOST: u32 = LONGEST;

impl Owned<'_> {
    /// Makes `span`, which the page map describes, the growth span. There is no other.
    pub(crate) fn begin_growth(self, span: Span) {
        let cache = &self.own().span_cache;
        cache.growth.set(span);
        cache.least_growable.set(LEAST_GROWABLE);
    }

    /// Makes the large block at `page` `len` pages long, which is more than it has, if the growth span is behind it
    /// and long enough. A growth span that is too short becomes free pages, which the block may take with the lock.
    pub(crate) fn grow(self, map: PageMap, page: u32, len: u32) -> bool {
        let growth = &self.own().span_cache.growth;
        let span = growth.get();
        let end = page + map.record(page as usize).len;
        if span.page != end {
            return false;
        }
        let more = page + len - end;
        if more > span.len {
            release(self.heap_ref(), growth.replace(Span::NONE));
            return false;
        }
        self.cut_growth(map, more);
        map.set_len(page as usize, len);
        true
    }

    /// Takes the first `len` pages of the growth span for a block that may grow, if it is at least twice as long.
    pub(crate) fn take_growth(self, len: u32) -> Option<Span> {
        let cache = &self.own().span_cache;
        if cache.growth.get().len / 2 < len {
            return None;
        }
        let map = self.page_map();
        let span = self.cut_growth(map, len);
        cache.least_growable.set(LEAST_GROWABLE);
        map.set_len(span.page as usize, len);
        map.set_kind(span.page as usize, LARGE);
        Some(span)
    }

    /// Takes the first `len` pages away from the growth span.
    fn cut_growth(self, map: PageMap, len: u32) -> Span {
        let growth = &self.own().span_cache.growth;
        let [span, rest] = growth.get().split(len);
        if rest.len > 0 {
            map.set_len(rest.page as usize, rest.len);
            map.set_kind(rest.page as usize, CACHED);
        }
        // Even without pages it tells which block grew last.
        growth.set(rest);
        span
    }

    /// Makes the large block at `page` a part of the growth span, if that is behind it and the block is not long.
    pub(super) fn join_growth(self, page: u32) -> bool {
        let cache = &self.own().span_cache;
        let (map, span) = (self.page_map(), cache.growth.get());
        let len = map.record(page as usize).len;
        if span.page != page + len || len > LONGEST {
            return false;
        }
        let len = len + span.len;
        let since = clock::cached_now();
        map.set_kind(page as usize, CACHED);
        map.set_len(page as usize, len);
        cache.growth.set(Span { page, len, since });
        cache.least_growable.set(LEAST_WHEN_VACANT);
        true
    }
}
