//! The parts of a region: where its header, page map, pages, states, records and marks lie.

use core::ops::Range;
use core::ptr::NonNull;

use core_api::align::round_up;

use crate::hardened::STATES_OF_PAGE;
use crate::layout::units::{LEAST_REGION, PAGE, SUBPAGE_PAGES, UNIT, UNITS_OF_PAGE};
use crate::pages::page_map::{KINDS_OF_PAGE, PageMap, Record};

/// Mark bits lie at this distance, the smallest block's size.
pub(crate) const MARK_GRANULE: usize = 16;

/// Bytes of mark bits for a unit: a word.
const MARKS_OF_UNIT: usize = UNIT / MARK_GRANULE / 8;

/// Bytes of a record. A slab's has the size of a span's.
const RECORD: usize = size_of::<Record>();

/// Bytes for one page in the parts behind the pages: states, record, marks.
const TAIL_OF_PAGE: usize = STATES_OF_PAGE + RECORD + UNITS_OF_PAGE * MARKS_OF_UNIT;

// A region has a power of two of pages, at least those of the least: each part begins with a page.
const _: () = assert!((LEAST_REGION / PAGE * RECORD).is_multiple_of(PAGE));

/// Where the parts of a region begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    /// Bytes of the header, behind which the records of sub-page slabs begin.
    header: usize,
    /// The blocks' states, in the hardened mode.
    pub(crate) states: usize,
    records: usize,
    /// The mark bits, a word for each unit.
    pub(crate) marks: usize,
    /// The first page that blocks can have: the sub-page area begins there.
    pub(crate) first_page: usize,
    /// The page behind the last one that blocks can have.
    pub(crate) end_page: usize,
}

/// The offset of the kinds in a region with a header of `header` bytes. It does not depend on the region's length, so
/// `free` needs no load to find them.
const fn kinds_behind(header: usize) -> usize {
    round_up(header + SUBPAGE_PAGES * UNITS_OF_PAGE * RECORD, 64)
}

impl Parts {
    /// The parts of no region.
    pub(crate) const NONE: Self = Self {
        header: 0,
        states: 0,
        records: 0,
        marks: 0,
        first_page: 0,
        end_page: 0,
    };

    /// The parts of a region of `n_pages` pages in order: a header of `header` bytes, records of the sub-page area's
    /// slabs, kinds, pages, in the hardened mode states, records, marks.
    #[inline]
    pub(crate) const fn of(n_pages: usize, header: usize) -> Self {
        let states = n_pages * (PAGE - TAIL_OF_PAGE);
        let records = states + n_pages * STATES_OF_PAGE;
        let marks = records + n_pages * RECORD;
        Self {
            header,
            states,
            records,
            marks,
            first_page: (kinds_behind(header) + n_pages * KINDS_OF_PAGE).div_ceil(PAGE),
            end_page: states / PAGE,
        }
    }

    /// The offset of the kinds.
    pub(crate) const fn kinds(self) -> usize {
        kinds_behind(self.header)
    }

    /// The bytes before the page map: the header, and the records of sub-page slabs.
    pub(crate) const fn head(self) -> Range<usize> {
        0..self.kinds()
    }

    /// The kinds, states, records and marks of these pages, none of which lies before `first_page`.
    pub(crate) fn describing(self, pages: &Range<usize>) -> [Range<usize>; 4] {
        let own = self.first_page;
        [
            (self.kinds(), KINDS_OF_PAGE, own),
            (self.states, STATES_OF_PAGE, 0),
            (self.records, RECORD, 0),
            (self.marks, UNITS_OF_PAGE * MARKS_OF_UNIT, 0),
        ]
        .map(|(part, of_page, first)| {
            part + (pages.start - first) * of_page..part + (pages.end - first) * of_page
        })
    }

    /// The first unit behind the sub-page area.
    pub(crate) const fn subpage_end(self) -> usize {
        (self.first_page + SUBPAGE_PAGES) * UNITS_OF_PAGE
    }

    /// Offset of the record of the slab that begins with this unit.
    pub(crate) fn slab_record(self, unit: usize) -> usize {
        let own = unit - self.first_page * UNITS_OF_PAGE;
        match own < SUBPAGE_PAGES * UNITS_OF_PAGE {
            true => self.header + own * RECORD,
            false => self.records + unit / UNITS_OF_PAGE * RECORD,
        }
    }

    /// The page map of the region at `base`.
    ///
    /// # Safety
    ///
    /// A region with these parts begins at `base`.
    pub(crate) unsafe fn page_map(self, base: NonNull<u8>) -> PageMap {
        // SAFETY: by the caller's promise both parts lie in the region.
        unsafe {
            PageMap::new(
                base.add(self.kinds()),
                self.first_page,
                base.add(self.records),
            )
        }
    }
}
