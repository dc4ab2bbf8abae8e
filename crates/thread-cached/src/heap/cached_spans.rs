//! A heap's cached large blocks: its owner takes and puts them, and they become free spans when they are old.
//!
//! Only the owner reaches the short ones, without a lock. Any thread can release the long one, so that it goes back
//! while the owner sleeps.

use crate::clock;
use crate::heap::HeapRef;
use crate::heap::owned::{MaybeOwned, Owned};
use crate::pages::page_map::{CACHED, LARGE};
use crate::pages::span::Span;

/// Longer spans, in pages, go into the [`SpanSlot`](crate::pages::span_slot::SpanSlot).
pub(super) const LONGEST: u32 = 256;

/// Milliseconds that a span stays in the cache.
const KEPT: u32 = 250;

impl MaybeOwned<'_> {
    /// Takes a cached span of `len` pages, which are not 0, and marks it as large.
    pub(crate) fn take_cached(self, len: u32) -> Option<Span> {
        let span = match len > LONGEST {
            true => self.shared().span_slot.take(len)?,
            false => self.own().span_cache.take(len)?,
        };
        self.page_map().set_kind(span.page as usize, LARGE);
        Some(span)
    }
}

impl Owned<'_> {
    /// Caches the large block at `page`, which the owner frees. May evict another.
    pub(crate) fn cache_span(self, page: u32) {
        if self.join_growth(page) {
            return;
        }
        let map = self.page_map();
        let len = map.record(page as usize).len;
        map.set_kind(page as usize, CACHED);
        let since = clock::cached_now();
        let span = Span { page, len, since };
        let evicted = match len > LONGEST {
            true => self.shared().span_slot.put(span).unwrap_or(Span::NONE),
            false => self.own().span_cache.put(span),
        };
        release(self.heap_ref(), evicted);
    }

    /// Releases the spans whose time of free satisfies `is_over`.
    fn release(self, is_over: impl Fn(u32) -> bool) {
        self.release_long_span(&is_over);
        let cache = &self.own().span_cache;
        cache.drain(is_over, |span| release(self.heap_ref(), span));
    }

    /// Releases all cached spans.
    pub(crate) fn release_spans(self) {
        self.release(|_| true);
    }

    /// Releases the spans that were cached for [`KEPT`] milliseconds.
    pub(crate) fn release_old_spans(self, now: u32) {
        self.release(|since| now.wrapping_sub(since) >= KEPT);
    }
}

impl HeapRef {
    /// Releases the long span if its time of free satisfies `is_over`. Any thread may call this.
    pub(crate) fn release_long_span(self, is_over: impl Fn(u32) -> bool) {
        if let Some(span) = self.shared().span_slot.take_old(is_over) {
            release(self, span);
        }
    }
}

/// Makes a cached span a free span, unless it has no pages.
pub(super) fn release(heap: HeapRef, span: Span) {
    if span.len > 0 {
        let spans = &heap.shared().spans;
        os::keeping_errno(|| spans.with(|spans| spans.free_large(span.page, span.since)));
    }
}
