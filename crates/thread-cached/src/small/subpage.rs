//! Sub-page slabs: the first slabs of a class are one or two KiB and share pages, so that a program with a few
//! blocks of many sizes does not pay a page for each.
//!
//! They lie in the sub-page area, the first pages behind the metadata. These pages never become spans.

use core::ops::Range;

use crate::heap::HeapRef;
use crate::heap::classes::{self, CLASS_END};
use crate::heap::region::{Parts, SUBPAGE_PAGES, UNIT_LOG2};
use crate::pages::page_map::{NONE, UNITS_OF_PAGE};
use crate::pages::spans::Spans;
use crate::primitive::Cell;
use crate::small::slab::Slab;

/// A class with this many units takes whole pages from then on.
const MOST_UNITS: u8 = 3;

/// Units of the sub-page area.
pub(crate) fn units(spans: &Spans) -> Range<usize> {
    let end = spans.first() as usize * UNITS_OF_PAGE;
    end - SUBPAGE_PAGES * UNITS_OF_PAGE..end
}

/// Whether a slab's unit lies in the sub-page area.
pub(crate) fn has(heap: HeapRef, unit: usize) -> bool {
    unit < end(heap.parts())
}

/// The first unit behind the sub-page area.
pub(crate) const fn end(parts: Parts) -> usize {
    (parts.first_page + SUBPAGE_PAGES) * UNITS_OF_PAGE
}

/// Which classes use the sub-page area. Only the owner uses it.
#[derive(Debug)]
pub(crate) struct SubpageSlabs {
    /// Units of each class.
    taken: [Cell<u8>; CLASS_END],
    /// Whether a slab found no room since a slab was last given up.
    is_full: Cell<bool>,
}

impl SubpageSlabs {
    pub(crate) const fn new() -> Self {
        Self {
            taken: [const { Cell::new(0) }; CLASS_END],
            is_full: Cell::new(false),
        }
    }

    /// Subtracts the `n` units of a slab that was given up.
    pub(crate) fn give_back(&self, class: usize, n: usize) {
        let taken = &self.taken[class];
        taken.set(taken.get() - n as u8);
        self.is_full.set(false);
    }
}

/// Takes a sub-page slab if there is room and the class has few.
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
