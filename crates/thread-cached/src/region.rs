//! The address space of one heap, and where its parts lie.

use crate::hardened::STATES_OF_PAGE;
use crate::heap::HeapHeader;
use crate::page_map::{PageMap, Record, UNITS_OF_PAGE};
use core::ptr::NonNull;

use core_api::align::round_up;

/// Bytes of a page: the unit in which a heap hands memory to slabs and spans. Where the OS has
/// larger pages, only what makes whole ones goes back to it.
pub(crate) const PAGE: usize = 1 << PAGE_LOG2;

/// Pages are found by shifting an offset.
pub(crate) const PAGE_LOG2: u32 = 12;

/// Bytes of a unit: a part of a page, for which the page map has a kind of its own.
pub(crate) const UNIT: usize = PAGE / UNITS_OF_PAGE;

/// Units are found by shifting an offset.
pub(crate) const UNIT_LOG2: u32 = UNIT.ilog2();

/// Every region starts at a multiple of this, so that the address map needs few entries.
pub(crate) const GRANULE: usize = 1 << GRANULE_LOG2;

/// Granules are found by shifting an address.
pub(crate) const GRANULE_LOG2: u32 = 30;

/// Address space of a heap, where there is no limit to it. Only pages that were touched cost
/// memory.
pub(crate) const REGION: usize = 16 << 30;

/// The least address space that is worth a heap.
pub(crate) const LEAST_REGION: usize = 4 << 20;

/// Mark bits lie at this distance, the smallest block's size.
pub(crate) const MARK_GRANULE: usize = 16;

/// Bytes of mark bits for a unit: a word.
pub(crate) const MARKS_OF_UNIT: usize = UNIT / MARK_GRANULE / 8;

/// Where the page map's kinds begin: right behind the header, whatever the region's length, so
/// that `free` needs no load to find them.
pub(crate) const KINDS: usize = round_up(size_of::<HeapHeader>(), 64);

/// Where the parts of a region of `n_pages` pages begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    states: usize,
    records: usize,
    marks: usize,
    /// The first page that blocks can have: the nursery begins there.
    pub(crate) first_page: usize,
}

/// The parts of a region in order: header, kinds, in the hardened mode states, records, marks, pages.
pub(crate) const fn parts(n_pages: usize) -> Parts {
    let n_units = n_pages * UNITS_OF_PAGE;
    let states = round_up(KINDS + n_units, 64);
    let records = states + n_pages * STATES_OF_PAGE;
    let marks = round_up(records + n_pages * size_of::<Record>(), 64);
    let end = marks + n_units * MARKS_OF_UNIT;
    Parts {
        states,
        records,
        marks,
        first_page: end.div_ceil(PAGE),
    }
}

impl Parts {
    /// The page map of the region at `base`.
    ///
    /// # Safety
    ///
    /// A region of that many pages begins at `base`.
    pub(crate) unsafe fn page_map(self, base: NonNull<u8>) -> PageMap {
        // SAFETY: the caller's promise: both parts lie in the region.
        unsafe { PageMap::new(base.add(KINDS), base.add(self.records)) }
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
