//! The pages of slabs: a new slab takes a span or a part of the sub-page area, and gives it back when all its blocks
//! are free.

use crate::clock;
use crate::heap::owned::Owned;
use crate::huge_pages;
use crate::layout::classes;
use crate::layout::units::PAGE_LOG2;
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
    heap.class_state(class).was_used.set(true);
    let slab_bytes = &heap.own().slab_bytes;
    slab_bytes.set(slab_bytes.get() + slab.len);
    let [first, end] = [slab.offset, slab.end()].map(|offset| (offset >> PAGE_LOG2) as u32);
    huge_pages::after_growth(heap, first, end);
    Some(slab)
}

fn in_pages(spans: &mut Spans, class: usize) -> Option<Slab> {
    let Span { page, len, .. } = spans.allocate(classes::slab_pages(class) as u32, 1)?;
    let [offset, len] = [page, len].map(|pages| (pages as usize) << PAGE_LOG2);
    Some(Slab::new(offset, class, len))
}

/// Gives a slab back to the spans or the sub-page area. None of its blocks is used or listed.
pub(crate) fn give_up(heap: Owned<'_>, slab: Slab) {
    let (own, state) = (heap.own(), heap.class_state(slab.class));
    if state.uncarved.get() == slab.unit() {
        state.uncarved.set(0);
    }
    own.slab_bytes.set(own.slab_bytes.get() - slab.len);
    heap.shared().spans.with(|spans| {
        let units = slab.units();
        heap.page_map().end_slab(units.clone());
        match units.start < heap.parts().subpage_end() {
            true => {
                state.n_units.set(state.n_units.get() - units.len() as u8);
                own.subpage_is_full.set(false);
            }
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
