//! How a walk may look into a heap: as its owner, or from outside.

use crate::heap::HeapRef;
use crate::heap::owned::Owned;
use crate::layout::classes::CLASS_END;
use crate::lifecycle::current::current;
use crate::observe::marks::Marks;
use crate::small::runs;
use crate::small::slabs;

/// Calls `look` with the heap's owner, if the calling thread owns the heap or can adopt it for the time of the call;
/// else with `None`: then only what the span lock protects may be read.
pub(crate) fn with_access<T>(heap: HeapRef, mut look: impl FnMut(Option<Owned<'_>>) -> T) -> T {
    match current().owned().filter(|own| own.heap_ref() == heap) {
        Some(own) => look(Some(own)),
        None => heap
            .while_adopted(|owned| look(Some(owned)))
            .unwrap_or_else(|| look(None)),
    }
}

/// Marks the blocks of the magazines, of the remote free lists and of the slabs' records.
pub(crate) fn mark_free(heap: Owned<'_>) -> Marks<'_> {
    let marks = Marks::of(heap);
    for class in 1..CLASS_END {
        marks.mark(class, heap.list(class).get());
        marks.mark(class, heap.class_state(class).reserve.get());
        marks.mark(class, heap.shared().remote_list(class).peek());
    }
    runs::each(heap.heap_ref(), |run| {
        if let Some(slab) = run.slab() {
            marks.mark(slab.class, slabs::waiting(heap, slab.record(heap)));
        }
    });
    marks
}

/// Whether the block at an offset is free: listed, sent, or in the hardened mode in quarantine.
pub(crate) fn is_free(heap: HeapRef, marks: Marks<'_>, offset: usize) -> bool {
    marks.is_set(offset) || heap.state(offset).is_freed()
}
