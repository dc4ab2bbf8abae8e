//! The free spans of a heap, in bins by length.

use crate::pages::bins::{Bins, N_BINS, bin_of};
use crate::pages::page_map::{FREE, NONE, PageMap, Record};
use crate::pages::span::Span;

/// Probes of a bin for the best fit.
const PROBES: usize = 16;

/// Free spans. The page map has their kind at both ends, their length too, and their links at the
/// first page.
#[derive(Debug)]
pub(crate) struct FreeSpans {
    pub(super) map: PageMap,
    bins: Bins,
    /// Pages in bins.
    pub(super) n_pages: u32,
    /// Of these, pages that are not clean.
    n_dirty: u32,
}

impl FreeSpans {
    pub(crate) const fn new(map: PageMap) -> Self {
        Self {
            map,
            bins: Bins::EMPTY,
            n_pages: 0,
            n_dirty: 0,
        }
    }

    /// Whether there is a span of `len` pages.
    pub(crate) const fn has(&self, len: u32) -> bool {
        self.n_pages >= len && self.bins.filled_from(bin_of(len)).is_some()
    }

    /// The free span that begins at `page`.
    pub(crate) fn at(&self, page: u32) -> Option<Span> {
        let is_free = self.map.kind(page as usize) == FREE;
        is_free.then(|| self.span(page))
    }

    /// The free span that ends before `page`.
    pub(crate) fn before(&self, page: u32) -> Option<Span> {
        let last = page as usize - 1;
        let is_free = self.map.kind(last) == FREE;
        is_free.then(|| self.span(page - self.map.record(last).len))
    }

    fn span(&self, page: u32) -> Span {
        let Record { len, since, .. } = self.map.record(page as usize);
        Span { page, len, since }
    }

    /// Finds the shortest span of at least `len` pages among the first few that could serve.
    pub(crate) fn best_fit(&self, len: u32) -> Option<Span> {
        let own = bin_of(len);
        self.best_in(own, len).or_else(|| {
            let higher = self.bins.filled_from(own + 1)?;
            self.best_in(higher, len)
        })
    }

    /// One of the longest.
    pub(crate) fn longest(&self) -> Option<Span> {
        let bin = self.bins.last_filled()?;
        Some(self.span(self.bins.head(bin)))
    }

    fn best_in(&self, bin: usize, len: u32) -> Option<Span> {
        let some = |page: u32| (page != 0).then_some(page);
        let next = |&page: &u32| some(self.map.record(page as usize).next);
        core::iter::successors(some(self.bins.head(bin)), next)
            .take(PROBES)
            .map(|page| self.span(page))
            .filter(|span| span.len >= len)
            .min_by_key(|span| span.len)
    }

    /// Takes the spans of about `least` pages or more that are dirty and idle out of their bins, from
    /// the longest on, as many as `idle` has room for. Returns how many.
    pub(crate) fn take_idle(
        &mut self,
        least: u32,
        is_idle: impl Fn(u32) -> bool,
        idle: &mut [Span],
    ) -> usize {
        let mut n = 0;
        for bin in (bin_of(least)..N_BINS).rev() {
            let mut page = self.bins.head(bin);
            while page != 0 && n < idle.len() && self.n_dirty > 0 {
                let span = self.span(page);
                page = self.map.record(page as usize).next;
                if !span.is_zero() && is_idle(span.since) {
                    idle[n] = self.take(span);
                    n += 1;
                }
            }
        }
        n
    }

    /// Puts a span at the front of its bin.
    pub(crate) fn put(&mut self, span: Span) {
        let bin = bin_of(span.len);
        let next = self.bins.head(bin);
        let tail = Record {
            len: span.len,
            ..Record::default()
        };
        let head = Record {
            next,
            since: span.since,
            ..tail
        };
        let (first, last) = (span.page as usize, span.end() as usize - 1);
        self.map.set_record(last, tail);
        self.map.set_record(first, head);
        self.map.set_kind(first, FREE);
        self.map.set_kind(last, FREE);
        if next != 0 {
            self.relink(next, |record| record.prev = span.page);
        }
        self.bins.set_head(bin, span.page);
        self.n_pages += span.len;
        self.n_dirty += if span.is_zero() { 0 } else { span.len };
    }

    /// Takes a span out of its bin. Its kinds are [`NONE`] then.
    pub(crate) fn take(&mut self, span: Span) -> Span {
        let (first, last) = (span.page as usize, span.end() as usize - 1);
        let Record { next, prev, .. } = self.map.record(first);
        if next != 0 {
            self.relink(next, |record| record.prev = prev);
        }
        match prev {
            0 => self.bins.set_head(bin_of(span.len), next),
            _ => self.relink(prev, |record| record.next = next),
        }
        self.map.set_kind(first, NONE);
        self.map.set_kind(last, NONE);
        self.n_pages -= span.len;
        self.n_dirty -= if span.is_zero() { 0 } else { span.len };
        span
    }

    fn relink(&self, page: u32, change: impl FnOnce(&mut Record)) {
        let mut record = self.map.record(page as usize);
        change(&mut record);
        self.map.set_record(page as usize, record);
    }

    /// Whether every bin holds free spans of its lengths, linked both ways, and the counts are
    /// those of the bins.
    pub(crate) fn are_sound(&self) -> bool {
        let (mut n_pages, mut n_dirty) = (0, 0);
        for bin in 0..N_BINS {
            let (mut page, mut previous) = (self.bins.head(bin), 0);
            while page != 0 {
                let record = self.map.record(page as usize);
                let is_sound = self.map.kind(page as usize) == FREE
                    && bin_of(record.len) == bin
                    && record.prev == previous;
                if !is_sound {
                    return false;
                }
                n_pages += record.len;
                n_dirty += if record.is_clean() { 0 } else { record.len };
                (previous, page) = (page, record.next);
            }
        }
        (n_pages, n_dirty) == (self.n_pages, self.n_dirty)
    }
}

#[cfg(test)]
mod tests {
    use core::ptr::NonNull;
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::layout::units::UNITS_OF_PAGE;
    use crate::pages::commit::Committed;
    use crate::pages::spans::Spans;

    const N_PAGES: usize = 1024;

    /// Whether used pages lie between any two free spans.
    fn are_apart(map: PageMap, spans: &Spans) -> bool {
        let free = FreeSpans::new(map);
        let (mut page, mut was_free) = (spans.first(), false);
        while page < spans.top() {
            let span = free.at(page);
            if was_free && span.is_some() {
                return false;
            }
            was_free = span.is_some();
            page = span.map_or(page + 1, Span::end);
        }
        true
    }

    /// More spans than are looked at lie in the bin of the one that would do, and none above it.
    #[test]
    fn a_long_enough_span_at_the_end_is_not_passed_over() {
        for shift in [1, 2] {
            let mut kinds = vec![0_u16; N_PAGES * UNITS_OF_PAGE];
            let mut records = vec![Record::default(); N_PAGES];
            // SAFETY: there are kinds of as many units and records of as many pages.
            let map = unsafe {
                PageMap::new(
                    NonNull::from(&mut kinds[..]).cast(),
                    0,
                    NonNull::from(&mut records[..]).cast(),
                )
            };
            let mut spans = Spans::new(map, Committed::all(N_PAGES), 1, N_PAGES as u32);
            let mut take = |len| spans.allocate(len, 1).expect("pages");
            take(shift);
            let shorter: Vec<Span> = (0..20).map(|n| (take(32 + n % 7), take(1)).0).collect();
            let last = take(39);
            for span in [last].into_iter().chain(shorter) {
                spans.free(Span { since: 1, ..span });
            }
            let top = spans.top();
            let span = spans.allocate(38, 2).expect("pages");
            assert!(
                span.page.is_multiple_of(2) && spans.top() == top,
                "{span:?}"
            );
            assert!(are_apart(map, &spans) && spans.bins_are_sound());
        }
    }
}
