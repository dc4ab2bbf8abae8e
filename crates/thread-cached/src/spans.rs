//! Spans: runs of pages, for slabs and for large blocks.
//!
//! A request takes the best fit among the free spans and splits it; a freed span is merged with
//! its neighbours, which the page map finds in O(1): it has a kind and a length at both ends of a
//! free span. What was never used lies above `top` and is handed out by bumping.

use crate::bins::{Bins, N_BINS, bin_of};
use crate::page_map::{FREE, LARGE, NONE, PURGING, PageMap, Record};

/// How many spans of a bin are looked at for the best fit.
const LOOKS: usize = 16;

/// Pages from `page` on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) page: u32,
    pub(crate) len: u32,
    /// When its pages were last used; [`Record::CLEAN`] if they are zero.
    pub(crate) since: u32,
}

impl Span {
    pub(crate) const fn is_zero(self) -> bool {
        self.since == Record::CLEAN
    }

    pub(crate) const fn end(self) -> u32 {
        self.page + self.len
    }
}

/// The pages of one heap. Always used with the heap's span lock held.
#[derive(Debug)]
pub(crate) struct Spans {
    map: Option<PageMap>,
    bins: Bins,
    /// The first page that a span can have.
    first: u32,
    /// The first page that was never used.
    top: u32,
    end: u32,
    /// Pages in bins.
    n_free: u32,
    /// Of these, pages that are not clean.
    n_dirty: u32,
}

// SAFETY: the page map is that of the heap whose lock guards this.
unsafe impl Send for Spans {}

impl Spans {
    /// No pages.
    pub(crate) const EMPTY: Self = Self {
        map: None,
        bins: Bins::EMPTY,
        first: 0,
        top: 0,
        end: 0,
        n_free: 0,
        n_dirty: 0,
    };

    /// The pages `first..end`, of which none was used; their kinds and records are zero.
    pub(crate) const fn new(map: PageMap, first: u32, end: u32) -> Self {
        Self {
            map: Some(map),
            first,
            top: first,
            end,
            ..Self::EMPTY
        }
    }

    pub(crate) const fn first(&self) -> u32 {
        self.first
    }

    pub(crate) const fn top(&self) -> u32 {
        self.top
    }

    /// Pages of free spans.
    pub(crate) const fn n_free(&self) -> u32 {
        self.n_free
    }

    /// Whether a span of `len` pages can be had without touching new ones.
    pub(crate) const fn has_free(&self, len: u32) -> bool {
        self.n_free >= len && self.bins.filled_from(bin_of(len)).is_some()
    }

    /// A span of `len` pages at a multiple of `align` pages. Its kinds are [`NONE`].
    pub(crate) fn allocate(&mut self, len: u32, align: u32) -> Option<Span> {
        let padded = len.checked_add(align - 1)?;
        let whole = match self.best_fit(padded) {
            Some(found) => self.take(found),
            None => self.bump(padded)?,
        };
        let page = whole.page.next_multiple_of(align);
        let span = Span { page, len, ..whole };
        self.put_back(whole.page, page, whole.since);
        self.put_back(span.end(), whole.end(), whole.since);
        Some(span)
    }

    /// Takes a span back. `span.since` is now, or clean if it was not touched. Returns the free
    /// span that it is in from now on.
    pub(crate) fn free(&mut self, span: Span) -> Span {
        let mut whole = span;
        if let Some(next) = self.free_at(span.end()) {
            whole = join(whole, self.take(next));
        }
        if let Some(previous) = self.free_before(span.page) {
            whole = join(self.take(previous), whole);
        }
        self.put(whole);
        whole
    }

    /// Makes the span of a large block at `page` `len` pages long where it is.
    pub(crate) fn resize(&mut self, page: u32, len: u32, now: u32) -> Option<Span> {
        let map = self.map?;
        let old = map.record(page as usize);
        let mut span = Span {
            page,
            len: old.len,
            since: now,
        };
        if len > old.len {
            span = self.extend(span, len)?;
        } else if len < old.len {
            let tail = Span {
                page: page + len,
                len: old.len - len,
                since: now,
            };
            self.free(tail);
        }
        map.set_record(page as usize, Record { len, ..old });
        Some(Span { len, ..span })
    }

    /// Adds the pages behind `span` that it lacks to be `len` long.
    fn extend(&mut self, span: Span, len: u32) -> Option<Span> {
        let more = len - span.len;
        if span.end() == self.top {
            let added = self.bump(more)?;
            return Some(Span {
                since: added.since,
                ..span
            });
        }
        let next = self.free_at(span.end()).filter(|next| next.len >= more)?;
        let taken = self.take(next);
        self.put_back(taken.page + more, taken.end(), taken.since);
        Some(Span {
            since: taken.since,
            ..span
        })
    }

    /// Takes spans out of their bins to be purged: those whose pages are idle, as `is_idle` says
    /// of the time they were last used. Returns how many there were, at most as many as `idle`
    /// has room for; the longest first.
    pub(crate) fn take_idle(&mut self, is_idle: impl Fn(u32) -> bool, idle: &mut [Span]) -> usize {
        let Some(map) = self.map else { return 0 };
        let mut n = 0;
        for bin in (0..N_BINS).rev() {
            let mut page = self.bins.head(bin);
            while page != 0 && n < idle.len() && self.n_dirty > 0 {
                let Record { next, since, .. } = map.record(page as usize);
                if since != Record::CLEAN && is_idle(since) {
                    idle[n] = self.take(self.at(page));
                    self.mark(idle[n], PURGING);
                    n += 1;
                }
                page = next;
            }
        }
        n
    }

    /// Marks a span as the pages of one large block.
    pub(crate) fn mark_large(&mut self, span: Span) {
        self.mark(span, LARGE);
    }

    /// Takes the large block at `page` back.
    pub(crate) fn free_large(&mut self, page: u32, now: u32) {
        let len = self.len_at(page);
        self.unmark(page);
        self.free(Span {
            page,
            len,
            since: now,
        });
    }

    /// Puts a span back that [`take_idle`](Self::take_idle) gave; `is_zero` if its pages were
    /// purged.
    pub(crate) fn give_back(&mut self, span: Span, is_zero: bool) {
        self.unmark(span.page);
        let since = if is_zero { Record::CLEAN } else { span.since };
        self.free(Span { since, ..span });
    }

    /// The length of the span that begins at `page`.
    pub(crate) fn len_at(&self, page: u32) -> u32 {
        self.map.map_or(0, |map| map.record(page as usize).len)
    }

    /// Whether every bin holds free spans of its lengths, linked both ways, and the counts are
    /// those of the bins.
    pub(crate) fn bins_are_sound(&self) -> bool {
        let Some(map) = self.map else { return true };
        let (mut n_free, mut n_dirty) = (0, 0);
        for bin in 0..N_BINS {
            let (mut page, mut previous) = (self.bins.head(bin), 0);
            while page != 0 {
                let record = map.record(page as usize);
                let is_sound = map.kind(page as usize) == FREE
                    && bin_of(record.len) == bin
                    && record.prev == previous;
                if !is_sound {
                    return false;
                }
                n_free += record.len;
                n_dirty += if record.is_clean() { 0 } else { record.len };
                (previous, page) = (page, record.next);
            }
        }
        (n_free, n_dirty) == (self.n_free, self.n_dirty)
    }

    fn mark(&mut self, span: Span, kind: u8) {
        if let Some(map) = self.map {
            let record = Record {
                len: span.len,
                ..Record::default()
            };
            map.set_record(span.page as usize, record);
            map.set_kind(span.page as usize, kind);
        }
    }

    fn unmark(&mut self, page: u32) {
        if let Some(map) = self.map {
            map.set_kind(page as usize, NONE);
        }
    }

    /// The shortest span of at least `len` pages among the first few that could serve.
    fn best_fit(&self, len: u32) -> Option<Span> {
        let own = bin_of(len);
        self.best_in(own, len).or_else(|| {
            let higher = self.bins.filled_from(own + 1)?;
            self.best_in(higher, len)
        })
    }

    fn best_in(&self, bin: usize, len: u32) -> Option<Span> {
        let map = self.map?;
        let mut page = self.bins.head(bin);
        let mut best: Option<Span> = None;
        for _ in 0..LOOKS {
            if page == 0 {
                break;
            }
            let found = self.at(page);
            if found.len >= len && best.is_none_or(|best| found.len < best.len) {
                best = Some(found);
            }
            page = map.record(page as usize).next;
        }
        best
    }

    /// The last free pages, if they end where no page was ever used, and as many of those as are
    /// missing.
    fn bump(&mut self, len: u32) -> Option<Span> {
        let last = self.free_before(self.top).filter(|last| last.len < len);
        let page = last.map_or(self.top, |last| last.page);
        self.top = page.checked_add(len).filter(|&top| top <= self.end)?;
        let since = last.map_or(Record::CLEAN, |last| self.take(last).since);
        Some(Span { page, len, since })
    }

    /// Frees the pages `from..to`, if there are any, that were cut off a span.
    fn put_back(&mut self, from: u32, to: u32, since: u32) {
        if from < to {
            let len = to - from;
            self.free(Span {
                page: from,
                len,
                since,
            });
        }
    }

    /// The free span at `page`.
    fn at(&self, page: u32) -> Span {
        let record = self
            .map
            .map_or(Record::default(), |map| map.record(page as usize));
        Span {
            page,
            len: record.len,
            since: record.since,
        }
    }

    fn free_at(&self, page: u32) -> Option<Span> {
        let is_free = self.map?.kind(page as usize) == FREE;
        (page < self.top && is_free).then(|| self.at(page))
    }

    fn free_before(&self, page: u32) -> Option<Span> {
        let map = self.map?;
        let is_free = map.kind(page as usize - 1) == FREE;
        is_free.then(|| self.at(page - map.record(page as usize - 1).len))
    }

    /// Puts a span at the front of its bin.
    fn put(&mut self, span: Span) {
        let Some(map) = self.map else { return };
        let (page, last) = (span.page as usize, span.end() as usize - 1);
        let bin = bin_of(span.len);
        let next = self.bins.head(bin);
        let tail = Record {
            len: span.len,
            ..Record::default()
        };
        map.set_record(last, tail);
        let head = Record {
            next,
            since: span.since,
            ..tail
        };
        map.set_record(page, head);
        map.set_kind(page, FREE);
        map.set_kind(last, FREE);
        if next != 0 {
            let old = map.record(next as usize);
            let prev = span.page;
            map.set_record(next as usize, Record { prev, ..old });
        }
        self.bins.set_head(bin, span.page);
        self.n_free += span.len;
        self.n_dirty += if span.is_zero() { 0 } else { span.len };
    }

    /// Takes a free span out of its bin.
    fn take(&mut self, span: Span) -> Span {
        let Some(map) = self.map else { return span };
        let (page, last) = (span.page as usize, span.end() as usize - 1);
        let Record { next, prev, .. } = map.record(page);
        if next != 0 {
            let old = map.record(next as usize);
            map.set_record(next as usize, Record { prev, ..old });
        }
        if prev == 0 {
            self.bins.set_head(bin_of(span.len), next);
        } else {
            let old = map.record(prev as usize);
            map.set_record(prev as usize, Record { next, ..old });
        }
        map.set_kind(page, NONE);
        map.set_kind(last, NONE);
        self.n_free -= span.len;
        self.n_dirty -= if span.is_zero() { 0 } else { span.len };
        span
    }
}

/// Two neighbours as one. It is clean only if both are, and else as old as the longer one that is
/// not: a page that comes and goes does not keep the many beside it from being purged.
fn join(low: Span, high: Span) -> Span {
    let (short, long) = match low.len < high.len {
        true => (low, high),
        false => (high, low),
    };
    let since = if long.is_zero() {
        short.since
    } else {
        long.since
    };
    Span {
        page: low.page,
        len: low.len + high.len,
        since,
    }
}
