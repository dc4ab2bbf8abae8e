//! A slab: a few pages, or a part of a page, with blocks of one class.

use core::ops::Range;

use crate::heap::HeapRef;
use crate::heap::owned::Owned;
use crate::heap::slab_record::SlabRecord;
use crate::layout::classes;
use crate::layout::units::{PAGE, UNIT, UNIT_LOG2};

/// Where a slab lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slab {
    /// Its first byte, from the region's start.
    pub(crate) offset: usize,
    pub(crate) class: usize,
    /// Bytes.
    pub(crate) len: usize,
}

impl Slab {
    pub(crate) const fn new(offset: usize, class: usize, len: usize) -> Self {
        Self { offset, class, len }
    }

    /// The slab that begins with this unit.
    pub(crate) fn at(heap: HeapRef, unit: u32) -> Self {
        let unit = unit as usize;
        let class = heap.page_map().unit_kind(unit).class().unwrap_or(0);
        let len = Self::len_of(class, unit < heap.parts().subpage_end());
        Self::new(unit << UNIT_LOG2, class, len)
    }

    /// Bytes of the class's slabs: in the sub-page area if `is_small`, else elsewhere.
    pub(crate) fn len_of(class: usize, is_small: bool) -> usize {
        match is_small {
            true => classes::small_slab_units(class).unwrap_or(1) * UNIT,
            false => classes::slab_pages(class) * PAGE,
        }
    }

    /// Its first unit, which identifies it.
    pub(crate) const fn unit(self) -> u32 {
        (self.offset >> UNIT_LOG2) as u32
    }

    pub(crate) fn record<'a>(self, heap: Owned<'a>) -> &'a SlabRecord {
        heap.record(self.unit())
    }

    /// Bytes of a block.
    pub(crate) const fn size(self) -> usize {
        classes::size_of(self.class)
    }

    pub(crate) const fn n_blocks(self) -> usize {
        self.len / self.size()
    }

    /// Where the blocks lie.
    pub(crate) const fn blocks(self) -> Range<usize> {
        self.offset..self.offset + self.n_blocks() * self.size()
    }

    pub(crate) const fn end(self) -> usize {
        self.offset + self.len
    }

    pub(crate) const fn units(self) -> Range<usize> {
        self.offset >> UNIT_LOG2..self.end() >> UNIT_LOG2
    }

    /// Number of blocks that were carved.
    pub(crate) fn n_carved(self, heap: Owned<'_>) -> usize {
        usize::from(self.record(heap).n_carved())
    }
}
