//! The first pages behind the metadata: there the first slabs of a class share pages, so that a
//! program with a few blocks of each of many sizes does not pay a page for each.
//!
//! The nursery has its pages for good: they are not merged with spans.

use core::ops::Range;

use crate::classes;
use crate::heap::HeapRef;
use crate::page_map::{NONE, UNITS_OF_PAGE, slab_of};
use crate::region::UNIT_LOG2;
use crate::slab::Slab;
use crate::spans::Spans;

/// Pages of the nursery.
pub(crate) const PAGES: usize = 32;

/// A class with more units than this has outgrown it.
const MOST_UNITS: usize = 3;

/// The nursery's units.
pub(crate) fn units(spans: &Spans) -> Range<usize> {
    let end = spans.first() as usize * UNITS_OF_PAGE;
    end - PAGES * UNITS_OF_PAGE..end
}

/// A small slab, if there is room and the class has few.
pub(crate) fn take(heap: HeapRef, spans: &Spans, class: usize) -> Option<Slab> {
    let n = classes::small_slab_units(class)?;
    let (map, mut units) = (heap.page_map(), units(spans));
    let has_kind = |kind| move |unit: usize| map.unit_kind(unit) == kind;
    if units
        .clone()
        .filter(|&unit| has_kind(slab_of(class))(unit))
        .count()
        >= MOST_UNITS
    {
        return None;
    }
    let end = units.end;
    let first = units.find(|&unit| unit + n <= end && (unit..unit + n).all(has_kind(NONE)))?;
    Some(Slab::new(first << UNIT_LOG2, class, n << UNIT_LOG2))
}
