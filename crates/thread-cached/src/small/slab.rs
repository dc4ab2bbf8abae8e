//! Slabs: a few pages, or a part of a page, carved into blocks of one class.

use core::ops::Range;
use core::ptr::{NonNull, null_mut};

use crate::heap::HeapRef;
use crate::heap::classes;
use crate::heap::link;
use crate::heap::region::{PAGE, PAGE_LOG2, UNIT, UNIT_LOG2};
use crate::os::clock;
use crate::pages::huge_pages;
use crate::pages::spans::{Span, Spans};
use crate::small::magazines;
use crate::small::slab_record::SlabRecord;
use crate::small::subpage;

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
        let [in_subpages, in_pages] = Self::lens(class);
        let len = if subpage::has(heap, unit) {
            in_subpages
        } else {
            in_pages
        };
        Self::new(unit << UNIT_LOG2, class, len)
    }

    /// Bytes of the class's slabs in the sub-page area, and elsewhere.
    pub(crate) fn lens(class: usize) -> [usize; 2] {
        let units = classes::small_slab_units(class).unwrap_or(1);
        [units * UNIT, classes::slab_pages(class) * PAGE]
    }

    /// Its first unit, which identifies it.
    pub(crate) const fn unit(self) -> u32 {
        (self.offset >> UNIT_LOG2) as u32
    }

    pub(crate) fn record(self, heap: &HeapRef) -> &SlabRecord {
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
    pub(crate) fn n_carved(self, heap: HeapRef) -> usize {
        usize::from(self.record(&heap).n_carved())
    }
}

/// Begins a slab and returns its first block; the next ones become the list, which must be empty.
///
/// The calling thread owns the heap.
pub(crate) fn begin(heap: HeapRef, class: usize) -> Option<NonNull<u8>> {
    let slab = heap.shared().spans.with(|spans| {
        let slab = subpage::take(heap, spans, class).or_else(|| in_pages(spans, class))?;
        slab.record(&heap).begin();
        // With the lock held, because a walk may be under way.
        heap.page_map().begin_slab(slab.units(), class);
        Some(slab)
    })?;
    heap.has_grown();
    heap.collection.used(class);
    heap.collection.began(slab.len);
    let [first, end] = [slab.offset, slab.end()].map(|offset| (offset >> PAGE_LOG2) as u32);
    huge_pages::after_growth(heap, first, end);
    Some(carve(heap, slab))
}

fn in_pages(spans: &mut Spans, class: usize) -> Option<Slab> {
    let n_pages = classes::slab_pages(class);
    let span = spans.allocate(n_pages as u32, 1)?;
    Some(Slab::new(
        (span.page as usize) << PAGE_LOG2,
        class,
        n_pages * PAGE,
    ))
}

/// Carves more of the class's partly carved slab, if it has one.
pub(crate) fn carve_more(heap: HeapRef, class: usize) -> Option<NonNull<u8>> {
    match heap.slabs.uncarved(class).get() {
        0 => None,
        slab => Some(carve(heap, Slab::at(heap, slab))),
    }
}

/// Carves a page of blocks at most, and returns the first; the others become the list. So no page is touched before
/// the program needs it.
fn carve(heap: HeapRef, slab: Slab) -> NonNull<u8> {
    let (size, record) = (slab.size(), slab.record(&heap));
    let bytes = slab.offset + slab.n_carved(heap) * size..slab.blocks().end;
    let n = (PAGE / size).clamp(1, bytes.len() / size);
    let end = bytes.start + n * size;
    let mut next = null_mut();
    for offset in (bytes.start..end).step_by(size).rev() {
        let block = heap.at(offset);
        // SAFETY: nobody has these bytes.
        unsafe { link::write(block, next) };
        next = block.as_ptr();
    }
    record.carve(n);
    let is_carved = end == bytes.end;
    let uncarved = if is_carved { 0 } else { slab.unit() };
    heap.slabs.uncarved(slab.class).set(uncarved);
    magazines::reload(heap, slab.class, heap.at(bytes.start), n)
}

/// Gives a slab back to the spans or the sub-page area. None of its blocks is used or listed.
///
/// The calling thread owns the heap.
pub(crate) fn give_up(heap: HeapRef, slab: Slab) {
    let uncarved = heap.slabs.uncarved(slab.class);
    if uncarved.get() == slab.unit() {
        uncarved.set(0);
    }
    heap.collection.gave_up(slab.len);
    heap.shared().spans.with(|spans| {
        heap.page_map().end_slab(slab.units());
        match subpage::has(heap, slab.units().start) {
            true => heap.subpage.give_back(slab.class, slab.units().len()),
            false => {
                spans.free(Span {
                    page: (slab.offset >> PAGE_LOG2) as u32,
                    len: (slab.len >> PAGE_LOG2) as u32,
                    since: clock::cached_now(),
                });
            }
        }
    });
}
