//! The pages of slabs: a new slab takes a span or a part of the sub-page area, and gives it back when all its blocks
//! are free.

use crate::clock;
use crate::heap::owned::Owned;
use crate::huge_pages;
use crate::layout::classes;
use crate::layout::units::{PAGE, PAGE_LOG2};
use crate::pages::span::Span;
use crate::pages::spans::Spans;
use crate::small::slab::Slab;
use crate::small::subpage;

/// Takes the pages of a new slab, whose blocks are not carved yet.
pub(crate) fn take(heap: Owned<'_>, class: usize) -> Option<Slab> {
    let slab = heap.shared().with_growing(|spans| {
        let slab = subpage::take(heap, spans, class).or_else(|| in_pages(spans, class))?;
        slab.record(heap).begin();
        heap.state(slab.offset).forget(slab.len);
        // With the lock held, because a walk may be under way.
        heap.page_map().begin_slab(slab.units(), class);
        Some(slab)
    })?;
    heap.has_grown();
    let collection = &heap.own().collection;
    collection.used(class);
    collection.began(slab.len);
    let [first, end] = [slab.offset, slab.end()].map(|offset| (offset >> PAGE_LOG2) as u32);
    huge_pages::after_growth(heap, first, end);
    Some(slab)
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

/// Gives a slab back to the spans or the sub-page area. None of its blocks is used or listed.
pub(crate) fn give_up(heap: Owned<'_>, slab: Slab) {
    let own = heap.own();
    let uncarved = &own.slabs.of(slab.class).uncarved;
    if uncarved.get() == slab.unit() {
        uncarved.set(0);
    }
    own.collection.gave_up(slab.len);
    heap.shared().spans.with(|spans| {
        let units = slab.units();
        heap.page_map().end_slab(units.clone());
        match units.start < heap.parts().subpage_end() {
            true => own.subpage.give_back(slab.class, units.len()),
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
