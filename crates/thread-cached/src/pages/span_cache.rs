//! The owner's span cache: the large blocks that it freed last, for its next requests of the same length. They need no
//! lock, no merge and no split.

use crate::heap::HeapRef;
use crate::os;
use crate::os::clock;
use crate::pages::page_map::{CACHED, LARGE};
use crate::pages::spans::Span;
use crate::primitive::Cell;

/// Spans in the cache, besides the long one.
const N_CACHED: usize = 4;

/// Longer spans, in pages, go into the [`SpanSlot`](super::span_slot::SpanSlot), from which other threads can give them
/// back while the owner sleeps.
const LONGEST: u32 = 256;

/// Milliseconds that a span stays in the cache.
const KEPT: u32 = 250;

/// Only the owner uses it.
#[derive(Debug)]
pub(crate) struct SpanCache {
    spans: [Cell<Span>; N_CACHED],
    oldest: Cell<usize>,
}

impl SpanCache {
    /// An empty cache.
    pub(crate) const fn new() -> Self {
        Self {
            spans: [const { Cell::new(Span::NONE) }; N_CACHED],
            oldest: Cell::new(0),
        }
    }

    /// Takes a cached span of `len` pages and marks it as large.
    pub(crate) fn take(&self, heap: HeapRef, len: u32) -> Option<Span> {
        let span = match len > LONGEST {
            true => heap.shared().span_slot.take(len)?,
            false => self.take_short(len)?,
        };
        heap.page_map().set_kind(span.page as usize, LARGE);
        Some(span)
    }

    fn take_short(&self, len: u32) -> Option<Span> {
        let slot = self.spans.iter().find(|slot| slot.get().len == len)?;
        Some(slot.replace(Span::NONE))
    }

    /// Caches the large block at `page`, which the owner frees. May evict another.
    pub(crate) fn put(&self, heap: HeapRef, page: u32) {
        let map = heap.page_map();
        let len = map.record(page as usize).len;
        map.set_kind(page as usize, CACHED);
        let since = clock::cached_now();
        let span = Span { page, len, since };
        let evicted = match len > LONGEST {
            true => heap.shared().span_slot.put(span).unwrap_or(Span::NONE),
            false => self.slot().replace(span),
        };
        release(heap, evicted);
    }

    /// An empty slot, or the slot that was filled first.
    fn slot(&self) -> &Cell<Span> {
        let empty = self.spans.iter().find(|slot| slot.get().len == 0);
        empty.unwrap_or_else(|| {
            let oldest = self.oldest.get();
            self.oldest.set((oldest + 1) % N_CACHED);
            &self.spans[oldest]
        })
    }

    /// Releases the spans whose time of free satisfies `is_over`.
    pub(crate) fn release(&self, heap: HeapRef, is_over: impl Fn(u32) -> bool) {
        release_slot(heap, &is_over);
        for slot in &self.spans {
            if is_over(slot.get().since) {
                release(heap, slot.replace(Span::NONE));
            }
        }
    }

    /// Releases the spans that were cached for [`KEPT`] milliseconds.
    pub(crate) fn release_old(&self, heap: HeapRef, now: u32) {
        self.release(heap, |since| now.wrapping_sub(since) >= KEPT);
    }
}

/// Releases the long span if its time of free satisfies `is_over`. Any thread may call this.
pub(crate) fn release_slot(heap: HeapRef, is_over: impl Fn(u32) -> bool) {
    if let Some(span) = heap.shared().span_slot.take_old(is_over) {
        release(heap, span);
    }
}

fn release(heap: HeapRef, span: Span) {
    if span.len > 0 {
        let spans = &heap.shared().spans;
        os::keeping_errno(|| spans.with(|spans| spans.free_large(span.page, span.since)));
    }
}
