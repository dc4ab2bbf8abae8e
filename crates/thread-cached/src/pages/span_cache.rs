//! The large blocks that the owner freed last, for its next requests of the same length: no lock,
//! no merging and splitting.

use crate::heap::HeapRef;
use crate::os;
use crate::os::clock;
use crate::pages::page_map::{CACHED, LARGE};
use crate::pages::spans::Span;
use crate::primitive::Cell;

/// How many there are at most.
const N_CACHED: usize = 4;

/// Of longer blocks, in pages, there is one, which others can give back: what a thread that sleeps
/// has kept in the cells, stays.
const LONGEST: u32 = 256;

/// Milliseconds after which a block is no longer kept.
const KEPT: u32 = 250;

/// The owner's alone.
#[derive(Debug)]
pub(crate) struct SpanCache {
    spans: [Cell<Span>; N_CACHED],
    oldest: Cell<usize>,
}

impl SpanCache {
    /// None.
    pub(crate) const fn new() -> Self {
        Self {
            spans: [const { Cell::new(Span::NONE) }; N_CACHED],
            oldest: Cell::new(0),
        }
    }

    /// A block of `len` pages, marked as large, if one was freed lately.
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

    /// Keeps the large block at `page`, which the owner frees.
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

    /// An empty slot, or that of the block that was kept longest.
    fn slot(&self) -> &Cell<Span> {
        let empty = self.spans.iter().find(|slot| slot.get().len == 0);
        empty.unwrap_or_else(|| {
            let oldest = self.oldest.get();
            self.oldest.set((oldest + 1) % N_CACHED);
            &self.spans[oldest]
        })
    }

    /// Gives up the blocks that were freed when `is_over` says so.
    pub(crate) fn release(&self, heap: HeapRef, is_over: impl Fn(u32) -> bool) {
        release_slot(heap, &is_over);
        for slot in &self.spans {
            if is_over(slot.get().since) {
                release(heap, slot.replace(Span::NONE));
            }
        }
    }

    /// Gives up the blocks that were kept long enough.
    pub(crate) fn release_old(&self, heap: HeapRef, now: u32) {
        self.release(heap, |since| now.wrapping_sub(since) >= KEPT);
    }
}

/// Gives up the one long block, if it was freed when `is_over` says so. Any thread may.
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
