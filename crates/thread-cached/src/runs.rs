//! What lies in a heap's pages, one run after the other: slabs, spans, unused units of the nursery.

use core::ops::Range;

use crate::classes;
use crate::heap::HeapRef;
use crate::nursery;
use crate::page_map::class_of;
use crate::region::{PAGE, PAGE_LOG2, UNIT, UNIT_LOG2};
use crate::slab::Slab;
use crate::spans::Spans;

/// A slab, a span, or an unused unit of the nursery.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// Its first byte, from the region's start.
    pub(crate) offset: usize,
    /// Bytes.
    pub(crate) len: usize,
    /// The kind of its first unit.
    pub(crate) kind: u8,
    /// Whether it lies in the nursery.
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
        class_of(self.kind).map(|class| Slab::new(self.offset, class, self.len))
    }
}

/// The offsets from the nursery to `top`.
pub(crate) fn extent(spans: &Spans) -> Range<usize> {
    nursery::units(spans).start << UNIT_LOG2..(spans.top() as usize) << PAGE_LOG2
}

/// The run that begins at `offset`.
pub(crate) fn run_at(heap: HeapRef, spans: &Spans, offset: usize) -> Run {
    let kind = heap.page_map().unit_kind(offset >> UNIT_LOG2);
    let is_small = offset < (spans.first() as usize) << PAGE_LOG2;
    let len = match (class_of(kind), is_small) {
        (Some(class), true) => classes::small_slab_units(class).unwrap_or(1) * UNIT,
        (Some(class), false) => classes::slab_pages(class) * PAGE,
        (None, true) => UNIT,
        (None, false) => (spans.len_at((offset >> PAGE_LOG2) as u32) as usize).max(1) * PAGE,
    };
    Run {
        offset,
        len,
        kind,
        is_small,
    }
}
