//! Walks a heap's pages run by run: slabs, spans, unused units of the sub-page area.

use core::ops::Range;

use crate::heap::HeapRef;
use crate::layout::classes;
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
    /// The class, if it is a slab.
    class: Option<usize>,
    /// Whether it lies in the sub-page area.
    pub(crate) is_small: bool,
}

impl Run {
    pub(crate) const fn end(self) -> usize {
        self.offset + self.len
    }

    pub(crate) const fn page(self) -> usize {
        self.offset >> PAGE_LOG2
    }

    pub(crate) fn slab(self) -> Option<Slab> {
        self.class
            .map(|class| Slab::new(self.offset, class, self.len))
    }
}

/// The offsets from the start of the sub-page area to `top`.
pub(crate) fn extent(spans: &Spans) -> Range<usize> {
    subpage::units(spans).start << UNIT_LOG2..(spans.top() as usize) << PAGE_LOG2
}

/// The run that begins at `offset`.
pub(crate) fn run_at(heap: HeapRef, spans: &Spans, offset: usize) -> Run {
    let kind = heap.page_map().unit_kind(offset >> UNIT_LOG2);
    let is_small = offset < (spans.first() as usize) << PAGE_LOG2;
    let class = kind.class();
    let len = match (class, is_small) {
        (Some(class), true) => classes::small_slab_units(class).unwrap_or(1) * UNIT,
        (Some(class), false) => classes::slab_pages(class) * PAGE,
        (None, true) => UNIT,
        (None, false) => (spans.len_at((offset >> PAGE_LOG2) as u32) as usize).max(1) * PAGE,
    };
    Run {
        offset,
        len,
        kind,
        class,
        is_small,
    }
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
        let Range { start, end } = extent(spans);
        let mut offset = start;
        while offset < end {
            let run = run_at(heap, spans, offset);
            if !run.is_small || run.slab().is_some() {
                visit(run);
            }
            offset = run.end();
        }
        Extent {
            end: offset,
            top: end,
            n_free: spans.n_free() as usize,
            has_sound_bins: spans.bins_are_sound(),
        }
    })
}
