//! Tests every numbered invariant of a heap, in order.

use core_api::Corruption;

use crate::address_map::{self, Place};
use crate::classes;
use crate::heap::HeapRef;
use crate::inspect::{each_span, mark_free};
use crate::marks::Marks;
use crate::page_map::{FREE, LARGE, PURGING, RESTING, class_of};
use crate::region::{self, PAGE, PAGE_LOG2};

/// Tests a heap that the calling thread owns. O(pages of the heap + free blocks).
pub(crate) fn check(heap: HeapRef) -> Result<(), Corruption> {
    check_region(heap)?;
    check_tiling(heap)?;
    check_lists(heap)?;
    check_bins(heap)?;
    check_zeroes(heap)
}

/// Tests what can be tested of another thread's heap. O(pages of the heap).
pub(crate) fn check_shared(heap: HeapRef) -> Result<(), Corruption> {
    check_region(heap)?;
    check_tiling(heap)?;
    check_bins(heap)?;
    check_zeroes(heap)
}

fn broken(heap: HeapRef, page: usize, invariant: &'static str) -> Result<(), Corruption> {
    Err(Corruption {
        invariant,
        address: heap.address() + (page << PAGE_LOG2),
    })
}

fn check_region(heap: HeapRef) -> Result<(), Corruption> {
    let last = heap.address() + heap.shared().len() - 1;
    let is_found = [heap.address(), last]
        .iter()
        .all(|&address| address_map::find(address) == Some(Place::Heap(heap)));
    let first = region::parts(heap.n_pages()).first_page;
    let begins = heap.shared().spans.with(|spans| spans.first()) as usize;
    if is_found && begins == first {
        return Ok(());
    }
    broken(
        heap,
        0,
        "I1: the region begins with the header and is found by its addresses",
    )
}

fn check_tiling(heap: HeapRef) -> Result<(), Corruption> {
    let map = heap.page_map();
    let mut result = Ok(());
    let mut previous = LARGE;
    let extent = each_span(heap, |page, kind, n_pages| {
        let is_sound = match kind {
            _ if class_of(kind).is_some() => {
                (page..page + n_pages).all(|page| map.kind(page) == kind)
            }
            FREE => previous != FREE && map.kind(page + n_pages - 1) == FREE,
            LARGE | PURGING | RESTING => true,
            _ => false,
        };
        if !is_sound && result.is_ok() {
            result = broken(
                heap,
                page,
                "I2: slabs and spans tile the pages, free ones never touch",
            );
        }
        previous = kind;
    });
    if result.is_ok() && extent.end != extent.top {
        return broken(
            heap,
            extent.top,
            "I2: slabs and spans tile the pages, free ones never touch",
        );
    }
    result
}

/// That no block is listed twice or in a list of another class is tested by marking.
fn check_lists(heap: HeapRef) -> Result<(), Corruption> {
    let marks = mark_free(heap);
    let mut result = Ok(());
    each_span(heap, |page, kind, n_pages| {
        let n_listed = class_of(kind).map_or(0, |class| marked_blocks(marks, page, class));
        if marks.count(page, n_pages) != n_listed {
            result = broken(
                heap,
                page,
                "I3: a listed block is one of a slab of the list's class",
            );
        }
        marks.clear(page, n_pages);
    });
    result
}

fn marked_blocks(marks: Marks, page: usize, class: usize) -> usize {
    let size = classes::size_of(class);
    (0..classes::slab_blocks(class))
        .filter(|index| marks.is_set((page << PAGE_LOG2) + index * size))
        .count()
}

fn check_bins(heap: HeapRef) -> Result<(), Corruption> {
    let mut n_free = 0;
    let extent = each_span(heap, |_, kind, n_pages| {
        n_free += if kind == FREE { n_pages } else { 0 };
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
    each_span(heap, |page, kind, n_pages| {
        let is_clean = kind == FREE && map.record(page).is_clean();
        for page in (page..page + n_pages).filter(|_| is_clean) {
            let start = heap.at(page << PAGE_LOG2).cast::<u64>();
            // SAFETY: free pages are nobody's; the span lock is held.
            let is_zero = (0..PAGE / 512).all(|n| unsafe { start.add(n * 64).read() } == 0);
            if !is_zero {
                result = broken(heap, page, "I5: a clean span is zero");
            }
        }
    });
    result
}
