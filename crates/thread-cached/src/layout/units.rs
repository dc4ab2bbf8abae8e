//! Pages, units and regions: how large they are, and how an offset leads to them.

/// Bytes of a page: the unit in which a heap hands memory to slabs and spans. Where the OS has larger pages, only
/// whole OS pages go back to it.
pub(crate) const PAGE: usize = 1 << PAGE_LOG2;

/// The shift from an offset to a page.
pub(crate) const PAGE_LOG2: u32 = 12;

/// Units of a page. The page map describes each, because sub-page slabs share pages.
pub(crate) const UNITS_OF_PAGE: usize = 4;

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
