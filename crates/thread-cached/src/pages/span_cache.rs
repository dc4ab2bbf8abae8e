//! The owner's span cache: the large blocks that it freed last, for its next requests of the same length. They need no
//! lock, no merge and no split.

use crate::pages::span::Span;
use crate::primitive::Cell;

/// Spans in the cache.
const N_CACHED: usize = 4;

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

    /// Takes a span of `len` pages, which are not 0.
    pub(crate) fn take(&self, len: u32) -> Option<Span> {
        let slot = self.spans.iter().find(|slot| slot.get().len == len)?;
        Some(slot.replace(Span::NONE))
    }

    /// Caches a span. Returns the span that it evicts, or [`Span::NONE`].
    pub(crate) fn put(&self, span: Span) -> Span {
        self.slot().replace(span)
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

    /// Takes out the spans whose time of free satisfies `is_over`, and passes each to `release`.
    pub(crate) fn drain(&self, is_over: impl Fn(u32) -> bool, release: impl Fn(Span)) {
        for slot in &self.spans {
            if is_over(slot.get().since) {
                release(slot.replace(Span::NONE));
            }
        }
    }
}
