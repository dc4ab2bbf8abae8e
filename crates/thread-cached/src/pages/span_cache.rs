//! The owner's span cache: the large blocks that it freed last, for its next requests of the same length. They need no
//! lock, no merge and no split.

use crate::layout::units::PAGE;
use crate::pages::span::Span;
use crate::primitive::Cell;

/// Spans in the cache.
const N_CACHED: usize = 4;

/// Bytes from which on a block that grows gets pages of its own, with the growth span behind them, …
pub(crate) const LEAST_GROWABLE: usize = 8 << 10;

/// … and from which on it does if the block that was there before was freed: more than half a page. Not always, because
/// many such blocks would get a page each.
pub(crate) const LEAST_WHEN_VACANT: usize = PAGE / 2 + 1;

/// Only the owner uses it.
#[derive(Debug)]
pub(crate) struct SpanCache {
    spans: [Cell<Span>; N_CACHED],
    oldest: Cell<usize>,
    /// The growth span: the pages behind the block that grew last.
    pub(crate) growth: Cell<Span>,
    /// A block that grows to so many bytes or more moves to the growth span.
    pub(crate) least_growable: Cell<usize>,
}

impl SpanCache {
    /// An empty cache.
    pub(crate) const fn new() -> Self {
        Self {
            spans: [const { Cell::new(Span::NONE) }; N_CACHED],
            oldest: Cell::new(0),
            growth: Cell::new(Span::NONE),
            least_growable: Cell::new(LEAST_GROWABLE),
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

    /// Takes out the spans, the growth span too, whose time of free satisfies `is_over`, and passes each to `release`.
    pub(crate) fn drain(&self, is_over: impl Fn(u32) -> bool, release: impl Fn(Span)) {
        for slot in self.spans.iter().chain([&self.growth]) {
            if is_over(slot.get().since) {
                release(slot.replace(Span::NONE));
            }
        }
    }
}
