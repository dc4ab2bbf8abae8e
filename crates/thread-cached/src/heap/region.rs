//! The region: the address space of one heap, and where its parts lie.

use crate::hardened::STATES_OF_PAGE;
use crate::heap::header::HeapHeader;
use crate::pages::page_map::{KINDS_OF_PAGE, PageMap, Record, UNITS_OF_PAGE};
use crate::small::slab_record::SlabRecord;
use core::ops::Range;
use core::ptr::NonNull;

use core_api::align::round_up;

/// Bytes of a page: the unit in which a heap hands memory to slabs and spans. Where the OS has larger pages, only
/// whole OS pages go back to it.
pub(crate) const PAGE: usize = 1 << PAGE_LOG2;

/// The shift from an offset to a page.
pub(crate) const PAGE_LOG2: u32 = 12;

/// Bytes of a unit: a part of a page, for which the page map has a kind of its own.
pub(crate) const UNIT: usize = PAGE / UNITS_OF_PAGE;

/// The shift from an offset to a unit.
pub(crate) const UNIT_LOG2: u32 = UNIT.ilog2();

/// Every region starts at a multiple of this, so that the address map needs few entries.
pub(crate) const MAP_ENTRY: usize = 1 << MAP_ENTRY_LOG2;

/// The shift from an address to a map entry.
pub(crate) const MAP_ENTRY_LOG2: u32 = 30;

/// Bytes of a region where address space is not limited. Shorter regions are powers of two as well.
pub(crate) const REGION: usize = 16 << 30;

/// Bytes of the shortest region.
pub(crate) const LEAST_REGION: usize = 4 << 20;

/// Pages of the sub-page area, the first ones that blocks can have.
pub(crate) const SUBPAGE_PAGES: usize = 32;

/// Mark bits lie at this distance, the smallest block's size.
pub(crate) const MARK_GRANULE: usize = 16;

/// Bytes of mark bits for a unit: a word.
pub(crate) const MARKS_OF_UNIT: usize = UNIT / MARK_GRANULE / 8;

/// Bytes of a slab's record.
const SLAB_RECORD: usize = size_of::<SlabRecord>();

/// Offset of the records of sub-page slabs: right behind the header.
const SUBPAGE_RECORDS: usize = size_of::<HeapHeader>();

/// Offset of the page map's kinds. It does not depend on the region's length, so `free` needs no load to find them.
pub(crate) const KINDS: usize = round_up(
    SUBPAGE_RECORDS + SUBPAGE_PAGES * UNITS_OF_PAGE * SLAB_RECORD,
    64,
);

/// Bytes for one page in the parts behind the pages: states, record, marks.
const TAIL_OF_PAGE: usize = STATES_OF_PAGE + size_of::<Record>() + UNITS_OF_PAGE * MARKS_OF_UNIT;

// A region has a power of two of pages, at least those of the least: each part begins with a page.
const _: () = assert!((LEAST_REGION / PAGE * size_of::<Record>()).is_multiple_of(PAGE));
/// Where the parts of a region begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    states: usize,
    records: usize,
    marks: usize,
    /// The first page that blocks can have: the sub-page area begins there.
    pub(crate) first_page: usize,
    /// The page behind the last one that blocks can have.
    pub(crate) end_page: usize,
}

/// The parts of a region of `n_pages` pages in order: header, records of the sub-page area's slabs, kinds,
/// pages, in the hardened mode states, records, marks.
#[inline]
pub(crate) const fn parts(n_pages: usize) -> Parts {
    let states = n_pages * (PAGE - TAIL_OF_PAGE);
    let records = states + n_pages * STATES_OF_PAGE;
    let marks = records + n_pages * size_of::<Record>();
    Parts {
        states,
        records,
        marks,
        first_page: (KINDS + n_pages * KINDS_OF_PAGE).div_ceil(PAGE),
        end_page: states / PAGE,
    }
}

impl Parts {
    /// The parts of no region.
    pub(crate) const NONE: Self = Self {
        states: 0,
        records: 0,
        marks: 0,
        first_page: 0,
        end_page: 0,
    };

    /// The bytes before the page map: the header, and the records of sub-page slabs.
    pub(crate) const fn head(self) -> Range<usize> {
        0..KINDS
    }

    /// The kinds, states, records and marks of these pages, none of which lies before `first_page`.
    pub(crate) fn describing(self, pages: &Range<usize>) -> [Range<usize>; 4] {
        let own = self.first_page;
        [
            (KINDS, KINDS_OF_PAGE, own),
            (self.states, STATES_OF_PAGE, 0),
            (self.records, size_of::<Record>(), 0),
            (self.marks, UNITS_OF_PAGE * MARKS_OF_UNIT, 0),
        ]
        .map(|(part, of_page, first)| {
            part + (pages.start - first) * of_page..part + (pages.end - first) * of_page
        })
    }

    /// Offset of the record of the slab that begins with this unit.
    pub(crate) fn slab_record(self, unit: usize) -> usize {
        let own = unit - self.first_page * UNITS_OF_PAGE;
        match own < SUBPAGE_PAGES * UNITS_OF_PAGE {
            true => SUBPAGE_RECORDS + own * SLAB_RECORD,
            false => self.records + unit / UNITS_OF_PAGE * SLAB_RECORD,
        }
    }

    /// The page map of the region at `base`.
    ///
    /// # Safety
    ///
    /// A region with these parts begins at `base`.
    pub(crate) unsafe fn page_map(self, base: NonNull<u8>) -> PageMap {
        // SAFETY: the caller's promise: both parts lie in the region.
        unsafe { PageMap::new(base.add(KINDS), self.first_page, base.add(self.records)) }
    }

    /// The mark bits of the region at `base`.
    ///
    /// # Safety
    ///
    /// As for [`page_map`](Self::page_map).
    pub(crate) unsafe fn marks(self, base: NonNull<u8>) -> NonNull<u64> {
        // SAFETY: the caller's promise.
        unsafe { base.add(self.marks).cast() }
    }

    /// The blocks' states in the region at `base`, if it has them.
    ///
    /// # Safety
    ///
    /// As for [`page_map`](Self::page_map).
    pub(crate) unsafe fn states(self, base: NonNull<u8>) -> NonNull<u8> {
        // SAFETY: the caller's promise.
        unsafe { base.add(self.states) }
    }
}
