//! Tests every numbered invariant of a heap, in order.

use core::ptr::NonNull;

use core_api::Corruption;

use crate::heap::HeapRef;
use crate::heap::owned::Owned;
use crate::large::address_map::{self, Place};
use crate::layout::units::{PAGE, PAGE_LOG2};
use crate::link;
use crate::observe::access::mark_free;
use crate::pages::page_map::{CACHED, FREE, Kind, LARGE, PURGING};
use crate::small::runs;
use crate::small::slabs;

/// Tests a heap. O(pages of the heap + free blocks).
pub(crate) fn check(owned: Owned<'_>) -> Result<(), Corruption> {
    let heap = owned.heap_ref();
    check_region(heap)?;
    check_tiling(heap)?;
    check_lists(owned)?;
    check_bins(heap)?;
    check_zeroes(heap)?;
    check_records(owned)
}

/// Tests the invariants of another thread's heap that hold under its span lock. O(pages of the heap).
pub(crate) fn check_shared(heap: HeapRef) -> Result<(), Corruption> {
    check_region(heap)?;
    check_tiling(heap)?;
    check_bins(heap)?;
    check_zeroes(heap)
}

fn broken(heap: HeapRef, offset: usize, invariant: &'static str) -> Result<(), Corruption> {
    Err(Corruption::new(invariant, heap.address() + offset))
}

fn check_region(heap: HeapRef) -> Result<(), Corruption> {
    let last = heap.address() + heap.shared().len() - 1;
    let is_found = [heap.address(), last]
        .iter()
        .all(|&address| address_map::find(address) == Some(Place::Heap(heap)));
    let first = heap.parts().first_page;
    let begins = heap.shared().spans.with(|spans| runs::extent(spans).start);
    if is_found && begins == first << PAGE_LOG2 {
        return Ok(());
    }
    broken(
        heap,
        0,
        "I1: the region begins with the header and is found by its addresses",
    )
}

const TILING: &str = "I2: slabs and spans tile the pages, free ones never touch";

fn check_tiling(heap: HeapRef) -> Result<(), Corruption> {
    let map = heap.page_map();
    let mut result = Ok(());
    let mut previous = LARGE;
    let extent = runs::each(heap, |run| {
        let is_sound = match (run.slab(), run.kind) {
            (Some(slab), kind) => {
                kind == Kind::slab(slab.class, 0)
                    && slab.units().enumerate().all(|(distance, unit)| {
                        map.unit_kind(unit) == Kind::slab(slab.class, distance)
                    })
            }
            (None, FREE) => {
                let last = (run.end() >> PAGE_LOG2) - 1;
                previous != FREE && map.kind(last) == FREE
            }
            (None, LARGE | PURGING | CACHED) => true,
            _ => false,
        };
        if !is_sound && result.is_ok() {
            result = broken(heap, run.offset, TILING);
        }
        previous = run.kind;
    });
    if result.is_ok() && extent.end != extent.top {
        return broken(heap, extent.top, TILING);
    }
    result
}

/// That no block is listed twice or in a list of another class is tested by marking.
fn check_lists(heap: Owned<'_>) -> Result<(), Corruption> {
    let marks = mark_free(heap);
    let mut result = Ok(());
    runs::each(heap.heap_ref(), |run| {
        let n_listed = run.slab().map_or(0, |slab| {
            let carved = slab.blocks().step_by(slab.size()).take(slab.n_carved(heap));
            carved.filter(|&offset| marks.is_set(offset)).count()
        });
        if marks.count(run) != n_listed {
            result = broken(
                heap.heap_ref(),
                run.offset,
                "I3: a listed block is one of a slab of the list's class",
            );
        }
        marks.clear(run);
    });
    result
}

fn check_bins(heap: HeapRef) -> Result<(), Corruption> {
    let mut n_free = 0;
    let extent = runs::each(heap, |run| {
        n_free += if run.kind == FREE { run.len / PAGE } else { 0 };
    });
    if extent.has_sound_bins && n_free == extent.n_free {
        return Ok(());
    }
    broken(
        heap,
        0,
        "I4: a free span is in the bin of its length, and the counts are theirs",
    )
}

fn check_zeroes(heap: HeapRef) -> Result<(), Corruption> {
    let map = heap.page_map();
    let mut result = Ok(());
    runs::each(heap, |run| {
        let is_clean = run.kind == FREE && map.record(run.page()).is_clean();
        for offset in (run.offset..run.end()).step_by(512).filter(|_| is_clean) {
            // SAFETY: the span lock is held, so no thread takes the free page meanwhile.
            if unsafe { heap.at(offset).cast::<u64>().read() } != 0 {
                result = broken(heap, offset, "I5: a clean span is zero");
            }
        }
    });
    result
}

/// That the blocks that wait in a record are of its slab, and as many as it counts.
fn check_records(heap: Owned<'_>) -> Result<(), Corruption> {
    let mut result = Ok(());
    runs::each(heap.heap_ref(), |run| {
        let Some(slab) = run.slab() else {
            return;
        };
        let record = slab.record(heap);
        let mut n = 0;
        let mut next = NonNull::new(slabs::waiting(heap, record));
        let mut is_own = true;
        while let Some(block) = next {
            is_own &= slab.blocks().contains(&heap.offset_of(block));
            n += 1;
            // SAFETY: that it is free and linked was tested with the lists (I3).
            next = NonNull::new(unsafe { link::read(block) });
        }
        if !is_own || n != record.n_free.get() {
            result = broken(
                heap.heap_ref(),
                run.offset,
                "I6: a slab's record counts the blocks that wait in it",
            );
        }
    });
    result
}
