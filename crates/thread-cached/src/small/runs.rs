//! Walks a heap's pages run by run: slabs, spans, unused units of the sub-page area.

use core::ops::Range;

use crate::heap::HeapRef;
use crate::layout::units::{PAGE, PAGE_LOG2, UNIT, UNIT_LOG2};
use crate::pages::page_map::Kind;
use crate::pages::spans::Spans;
use crate::small::slab::Slab;
use crate::small::subpage;

/// A slab, a span, or an unused unit of the sub-page area.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// Its first byte, from the region's start.
    pub(crate) offset: usize,
    /// Bytes.
    pub(crate) len: usize,
    /// The kind of its first unit.
    pub(crate) kind: Kind,
}

impl Run {
    pub(crate) const fn end(self) -> usize {
        self.offset + self.len
    }

    pub(crate) const fn page(self) -> usize {
        self.offset >> PAGE_LOG2
    }

    pub(crate) fn slab(self) -> Option<Slab> {
        let class = self.kind.class()?;
        Some(Slab::new(self.offset, class, self.len))
    }
}

/// The offsets from the start of the sub-page area to `top`.
pub(crate) fn extent(spans: &Spans) -> Range<usize> {
    subpage::units(spans).start << UNIT_LOG2..(spans.top() as usize) << PAGE_LOG2
}

/// The result of a walk, to compare with the spans' own counts.
pub(crate) struct Extent {
    /// The offset behind the last run visited.
    pub(crate) end: usize,
    /// Where the walk should end.
    pub(crate) top: usize,
    /// Pages in bins.
    pub(crate) n_free: usize,
    pub(crate) has_sound_bins: bool,
}

/// Calls `visit` with every slab and span, in order, with the span lock held. Units of the sub-page area
/// that no slab has are left out.
pub(crate) fn each(heap: HeapRef, mut visit: impl FnMut(Run)) -> Extent {
    heap.shared().spans.with(|spans| {
        let (map, first_span) = (heap.page_map(), (spans.first() as usize) << PAGE_LOG2);
        let Range { start, end } = extent(spans);
        let mut offset = start;
        while offset < end {
            let kind = map.unit_kind(offset >> UNIT_LOG2);
            let is_small = offset < first_span;
            let len = match kind.class() {
                Some(class) => Slab::len_of(class, is_small),
                None if is_small => UNIT,
                None => spans.len_at((offset >> PAGE_LOG2) as u32).max(1) as usize * PAGE,
            };
            if !is_small || kind.class().is_some() {
                visit(Run { offset, len, kind });
            }
            offset += len;
        }
        Extent {
            end: offset,
            top: end,
            n_free: spans.n_free() as usize,
            has_sound_bins: spans.bins_are_sound(),
        }
    })
}
