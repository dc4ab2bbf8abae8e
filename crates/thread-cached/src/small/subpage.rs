//! The first pages behind the metadata: there the first slabs of a class share pages, so that a
//! program with a few blocks of each of many sizes does not pay a page for each.
//!
//! The sub-page area has its pages for good: they are not merged with spans.

use core::ops::Range;

use crate::heap::HeapRef;
use crate::heap::classes::{self, CLASS_END};
use crate::heap::region::{Parts, SUBPAGE_PAGES, UNIT_LOG2};
use crate::pages::page_map::{NONE, UNITS_OF_PAGE};
use crate::pages::spans::Spans;
use crate::primitive::Cell;
use crate::small::slab::Slab;

/// A class with more units than this has outgrown it.
const MOST_UNITS: u8 = 3;

/// The sub-page area's units.
pub(crate) fn units(spans: &Spans) -> Range<usize> {
    let end = spans.first() as usize * UNITS_OF_PAGE;
    end - SUBPAGE_PAGES * UNITS_OF_PAGE..end
}

/// Whether this unit, which can be a slab's, is one of the sub-page area's.
pub(crate) fn has(heap: HeapRef, unit: usize) -> bool {
    unit < end(heap.parts())
}

/// The first unit behind the sub-page area.
pub(crate) const fn end(parts: Parts) -> usize {
    (parts.first_page + SUBPAGE_PAGES) * UNITS_OF_PAGE
}

/// Who has the sub-page area, the owner's alone.
#[derive(Debug)]
pub(crate) struct SubpageSlabs {
    /// Units of each class.
    taken: [Cell<u8>; CLASS_END],
    /// Whether a slab found no room since the last one was given up.
    is_full: Cell<bool>,
}

impl SubpageSlabs {
    pub(crate) const fn new() -> Self {
        Self {
            taken: [const { Cell::new(0) }; CLASS_END],
            is_full: Cell::new(false),
        }
    }

    /// A slab of so many units of a class was given up.
    pub(crate) fn give_back(&self, class: usize, n: usize) {
        let taken = &self.taken[class];
        taken.set(taken.get() - n as u8);
        self.is_full.set(false);
    }
}

/// A small slab, if there is room and the class has few.
pub(crate) fn take(heap: HeapRef, spans: &Spans, class: usize) -> Option<Slab> {
    let n = classes::small_slab_units(class)?;
    let (subpage, taken) = (&heap.subpage, &heap.subpage.taken[class]);
    if subpage.is_full.get() || taken.get() >= MOST_UNITS {
        return None;
    }
    let (map, mut units) = (heap.page_map(), units(spans));
    let end = units.end;
    let is_free = |unit| map.unit_kind(unit) == NONE;
    let first = units.find(|&unit| unit + n <= end && (unit..unit + n).all(is_free));
    subpage.is_full.set(first.is_none());
    taken.set(taken.get() + first.map_or(0, |_| n as u8));
    Some(Slab::new(first? << UNIT_LOG2, class, n << UNIT_LOG2))
}
