//! Sub-page slabs: the first slabs of a class are one or two KiB and share pages, so that a program with a few
//! blocks of many sizes does not pay a page for each.
//!
//! They lie in the sub-page area, the first pages behind the metadata. These pages never become spans.

use core::ops::Range;

use crate::heap::owned::Owned;
use crate::layout::classes;
use crate::layout::units::{SUBPAGE_PAGES, UNIT_LOG2, UNITS_OF_PAGE};
use crate::pages::page_map::NONE;
use crate::pages::spans::Spans;
use crate::small::slab::Slab;

/// A class with this many units takes whole pages from then on.
const MOST_UNITS: u8 = 3;

/// Units of the sub-page area.
pub(crate) fn units(spans: &Spans) -> Range<usize> {
    let end = spans.first() as usize * UNITS_OF_PAGE;
    end - SUBPAGE_PAGES * UNITS_OF_PAGE..end
}

/// Takes a sub-page slab if there is room and the class has few.
pub(crate) fn take(heap: Owned<'_>, spans: &Spans, class: usize) -> Option<Slab> {
    let n = classes::small_slab_units(class)?;
    let (is_full, taken) = (
        &heap.own().subpage_is_full,
        &heap.class_state(class).n_units,
    );
    if is_full.get() || taken.get() >= MOST_UNITS {
        return None;
    }
    let (map, mut units) = (heap.page_map(), units(spans));
    let end = units.end;
    let is_free = |unit| map.unit_kind(unit) == NONE;
    let first = units.find(|&unit| unit + n <= end && (unit..unit + n).all(is_free));
    is_full.set(first.is_none());
    let slab = Slab::new(first? << UNIT_LOG2, class, n << UNIT_LOG2);
    taken.set(taken.get() + n as u8);
    Some(slab)
}
