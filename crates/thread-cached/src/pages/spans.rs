//! Spans: runs of pages, for slabs and for large blocks.
//!
//! A request takes the best fit among the free spans and splits it; a freed span is merged with
//! its neighbours, which the page map finds in O(1): it has a kind and a length at both ends of a
//! free span. What was never used lies above `top` and is handed out by bumping.
//!
//! A span cache keeps the last few large blocks that were freed remotely, or evicted from the owner's cache, unmerged:
//! the next request may have the same length.

use crate::pages::commit::Committed;
use crate::pages::free_spans::FreeSpans;
use crate::pages::page_map::{CACHED, Kind, LARGE, NONE, PURGING, PageMap, Record};
use crate::pages::span::Span;

/// Spans in the cache.
const N_CACHED: usize = 4;

/// The pages of one heap. Always used with the heap's span lock held.
#[derive(Debug)]
pub(crate) struct Spans {
    free: FreeSpans,
    /// The span cache: freed large blocks, not merged yet. Empty slots have no pages.
    cached: [Span; N_CACHED],
    /// The slot that was filled first.
    oldest: usize,
    /// The first page that a span can have.
    first: u32,
    /// The first page that was never used.
    top: u32,
    end: u32,
    committed: Committed,
}

// SAFETY: the page map belongs to the heap whose lock guards this.
unsafe impl Send for Spans {}

impl Spans {
    /// No pages.
    pub(crate) const EMPTY: Self = Self::new(PageMap::NONE, Committed::NONE, 1, 1);

    /// The pages `first..end`. None was used; their kinds and records are zero, as far as they
    /// are committed.
    pub(crate) const fn new(map: PageMap, committed: Committed, first: u32, end: u32) -> Self {
        Self {
            free: FreeSpans::new(map),
            cached: [Span::NONE; N_CACHED],
            oldest: 0,
            first,
            top: first,
            end,
            committed,
        }
    }

    pub(crate) const fn first(&self) -> u32 {
        self.first
    }

    pub(crate) const fn top(&self) -> u32 {
        self.top
    }

    /// Bytes of the region that the page map describes so far.
    pub(crate) const fn described(&self) -> usize {
        self.committed.described()
    }

    /// Pages of free spans in bins.
    pub(crate) const fn n_free(&self) -> u32 {
        self.free.n_pages
    }

    /// Whether the bins are whole.
    pub(crate) fn bins_are_sound(&self) -> bool {
        self.free.are_sound()
    }

    /// Whether a free or cached span can serve `len` pages.
    pub(crate) fn has_free(&self, len: u32) -> bool {
        self.free.has(len) || self.cached.iter().any(|span| span.len == len)
    }

    /// A span of `len` pages at a multiple of `align` pages. Its kinds are [`NONE`].
    pub(crate) fn allocate(&mut self, len: u32, align: u32) -> Option<Span> {
        let padded = len.checked_add(align - 1)?;
        let whole = self.find(padded)?;
        let [before, aligned] = whole.split(whole.page.next_multiple_of(align) - whole.page);
        let [span, after] = aligned.split(len);
        self.put_back(before);
        self.put_back(after);
        Some(span)
    }

    fn find(&mut self, len: u32) -> Option<Span> {
        if let Some(fit) = self.free.best_fit(len) {
            return Some(self.free.take(fit));
        }
        self.merge_cached(|_| true);
        match self.free.best_fit(len) {
            Some(fit) => Some(self.free.take(fit)),
            None => self.bump(len),
        }
    }

    /// Allocates the span of a large block.
    pub(crate) fn allocate_large(&mut self, len: u32, align: u32) -> Option<Span> {
        let span = self.allocate(len, align)?;
        self.mark(span, LARGE);
        Some(span)
    }

    /// Allocates a large block that may grow, and a growth span of at most `most` pages behind it, which is as long as
    /// the block if it is not that long.
    pub(crate) fn allocate_growable(&mut self, len: u32, most: u32) -> Option<[Span; 2]> {
        self.merge_cached(|_| true);
        let longest = self.free.longest().filter(|span| span.len / 2 >= len)?;
        let [span, behind] = self.free.take(longest).split(len);
        let [growth, rest] = behind.split(most.min(behind.len));
        self.put_back(rest);
        self.mark(growth, CACHED);
        self.mark(span, LARGE);
        Some([span, growth])
    }

    /// Takes a cached span of `len` pages for a large block.
    pub(crate) fn take_cached(&mut self, len: u32, align: u32) -> Option<Span> {
        let is_fit = |span: &&mut Span| span.len == len && span.page.is_multiple_of(align);
        let span = core::mem::replace(self.cached.iter_mut().find(is_fit)?, Span::NONE);
        self.free.map.set_kind(span.page as usize, LARGE);
        Some(span)
    }

    /// Frees a span and merges it with its neighbours. `span.since` is now, or clean if the span was not touched.
    /// Returns the merged span.
    pub(crate) fn free(&mut self, span: Span) -> Span {
        let mut whole = span;
        // What is behind `top` may not even be described.
        if span.end() < self.top
            && let Some(next) = self.free.at(span.end())
        {
            whole = join(whole, self.free.take(next));
        }
        if let Some(previous) = self.free.before(span.page) {
            whole = join(self.free.take(previous), whole);
        }
        self.free.put(whole);
        whole
    }

    /// Frees the large block at `page` into the span cache, which evicts its oldest span.
    pub(crate) fn free_large(&mut self, page: u32, now: u32) {
        let span = Span {
            page,
            len: self.len_at(page),
            since: now,
        };
        self.free.map.set_kind(page as usize, CACHED);
        let evicted = core::mem::replace(&mut self.cached[self.oldest], span);
        self.oldest = (self.oldest + 1) % N_CACHED;
        self.merge(evicted);
    }

    fn merge(&mut self, cached: Span) {
        if cached.len > 0 {
            self.free.map.set_kind(cached.page as usize, NONE);
            self.free(cached);
        }
    }

    /// Merges the cached spans whose time of free satisfies `is_over`.
    fn merge_cached(&mut self, is_over: impl Fn(u32) -> bool) {
        for index in 0..N_CACHED {
            let span = self.cached[index];
            if span.len > 0 && is_over(span.since) {
                self.cached[index] = Span::NONE;
                self.merge(span);
            }
        }
    }

    /// Makes the span of a large block at `page` `len` pages long where it is. `since` of the
    /// result is that of the pages added.
    pub(crate) fn resize(&mut self, page: u32, len: u32, now: u32) -> Option<Span> {
        let mut span = Span {
            page,
            len: self.len_at(page),
            since: now,
        };
        if len > span.len {
            span.since = self.extend(span, len - span.len)?;
        } else if len < span.len {
            self.free(span.split(len)[1]);
        }
        span.len = len;
        self.mark(span, LARGE);
        Some(span)
    }

    /// Takes the `more` pages behind `span` and returns their `since`.
    fn extend(&mut self, span: Span, more: u32) -> Option<u32> {
        self.merge_cached(|_| true);
        if span.end() == self.top {
            return Some(self.bump(more)?.since);
        }
        let next = self.free.at(span.end()).filter(|next| next.len >= more)?;
        let [taken, rest] = self.free.take(next).split(more);
        self.put_back(rest);
        Some(taken.since)
    }

    /// Takes idle spans of at least `least` pages out of their bins to be purged. `is_idle` decides by the time of their last
    /// use. Returns their number, at most as many as `idle` has room for.
    pub(crate) fn take_idle(
        &mut self,
        least: u32,
        is_idle: impl Fn(u32) -> bool,
        idle: &mut [Span],
    ) -> usize {
        self.merge_cached(&is_idle);
        let n = self.free.take_idle(least, is_idle, idle);
        idle[..n].iter().for_each(|&span| self.mark(span, PURGING));
        n
    }

    /// Puts a span back that [`take_idle`](Self::take_idle) took. `is_zero` says that its pages were purged.
    pub(crate) fn give_back(&mut self, span: Span, is_zero: bool) {
        self.free.map.set_kind(span.page as usize, NONE);
        let since = if is_zero { Record::CLEAN } else { span.since };
        self.free(Span { since, ..span });
    }

    /// The length of the span that begins at `page`.
    pub(crate) fn len_at(&self, page: u32) -> u32 {
        self.free.map.record(page as usize).len
    }

    fn mark(&mut self, span: Span, kind: Kind) {
        let record = Record {
            len: span.len,
            ..Record::default()
        };
        self.free.map.set_record(span.page as usize, record);
        self.free.map.set_kind(span.page as usize, kind);
    }

    /// Takes the free span that ends at `top`, if there is one, and the pages from `top` on that are missing. That span may
    /// be long enough alone, because a search does not look at all spans of a bin. If the system has no memory for the
    /// new pages, nothing changes.
    fn bump(&mut self, len: u32) -> Option<Span> {
        let last = self.free.before(self.top);
        if let Some(long) = last.filter(|last| last.len >= len) {
            return Some(self.free.take(long));
        }
        let page = last.map_or(self.top, |last| last.page);
        let top = page.checked_add(len).filter(|&top| top <= self.end)?;
        if !self.committed.reaches(top) {
            return None;
        }
        self.top = top;
        let since = last.map_or(Record::CLEAN, |last| self.free.take(last).since);
        Some(Span { page, len, since })
    }

    /// Puts a part of a split span back, if it has pages. It touches no other free span.
    fn put_back(&mut self, part: Span) {
        if part.len > 0 {
            self.free.put(part);
        }
    }
}

/// Joins two neighbours. The result is clean only if both are, else as old as the longer dirty one: a page that comes
/// and goes does not delay the purge of a long neighbour.
fn join(low: Span, high: Span) -> Span {
    let (short, long) = match low.len < high.len {
        true => (low, high),
        false => (high, low),
    };
    Span {
        page: low.page,
        len: low.len + high.len,
        since: if long.is_zero() {
            short.since
        } else {
            long.since
        },
    }
}
