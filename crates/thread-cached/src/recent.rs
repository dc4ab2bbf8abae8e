//! The large blocks that the owner freed last, for its next requests of the same length: no lock,
//! no merging and splitting.

use crate::heap::HeapRef;
use crate::page_map::{LARGE, RESTING};
use crate::primitive::Cell;
use crate::spans::Span;
use crate::tidy;

/// How many there are at most.
const N_RECENT: usize = 4;

/// Longer blocks, in pages, are not kept here: what a thread that sleeps has kept, stays.
const LONGEST: u32 = 256;

/// Milliseconds after which a block is no longer kept.
const KEPT: u32 = 250;

/// The owner's alone.
#[derive(Debug)]
pub(crate) struct Recent {
    spans: [Cell<Span>; N_RECENT],
    oldest: Cell<usize>,
}

impl Recent {
    /// None.
    pub(crate) const fn new() -> Self {
        Self {
            spans: [const { Cell::new(Span::NONE) }; N_RECENT],
            oldest: Cell::new(0),
        }
    }

    /// A block of `len` pages, marked as large, if one was freed lately.
    pub(crate) fn take(&self, heap: HeapRef, len: u32) -> Option<Span> {
        let slot = self.spans.iter().find(|slot| slot.get().len == len)?;
        let span = slot.replace(Span::NONE);
        heap.page_map().set_kind(span.page as usize, LARGE);
        Some(span)
    }

    /// Keeps the large block at `page`, which the owner frees; `false` if it is too long.
    pub(crate) fn keep(&self, heap: HeapRef, page: u32) -> bool {
        let map = heap.page_map();
        let len = map.record(page as usize).len;
        if len > LONGEST {
            return false;
        }
        map.set_kind(page as usize, RESTING);
        let since = tidy::lately();
        let evicted = self.slot().replace(Span { page, len, since });
        give_up(heap, evicted);
        true
    }

    /// An empty slot, or that of the block that was kept longest.
    fn slot(&self) -> &Cell<Span> {
        let empty = self.spans.iter().find(|slot| slot.get().len == 0);
        empty.unwrap_or_else(|| {
            let oldest = self.oldest.get();
            self.oldest.set((oldest + 1) % N_RECENT);
            &self.spans[oldest]
        })
    }

    /// Gives up the blocks that were freed when `is_over` says so.
    pub(crate) fn give_up(&self, heap: HeapRef, is_over: impl Fn(u32) -> bool) {
        for slot in &self.spans {
            if is_over(slot.get().since) {
                give_up(heap, slot.replace(Span::NONE));
            }
        }
    }

    /// Gives up the blocks that were kept long enough.
    pub(crate) fn give_up_old(&self, heap: HeapRef, now: u32) {
        self.give_up(heap, |since| now.wrapping_sub(since) >= KEPT);
    }
}

fn give_up(heap: HeapRef, span: Span) {
    if span.len > 0 {
        let spans = &heap.shared().spans;
        spans.with(|spans| spans.free_large(span.page, span.since));
    }
}
