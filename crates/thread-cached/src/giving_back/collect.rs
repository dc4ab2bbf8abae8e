//! Collection: what a heap has at hand and does not use goes back into its slabs, and those that are all free
//! become free spans.

use crate::heap::HeapRef;
use crate::heap::classes::CLASS_END;
use crate::primitive::Cell;
use crate::small::magazines;
use crate::small::slabs;

/// Milliseconds between two times that a heap collects.
const PAUSE: u32 = 100;

/// A heap with fewer bytes of slabs is left to the next thread as it is.
const LEAST_COLLECTED: usize = 64 << 10;

/// A heap that grows collects remote frees once in so many pages.
const PAGES_OF_GROWTH: u32 = 64;

/// When a heap collects.
#[derive(Debug)]
pub(crate) struct Collection {
    last: Cell<u32>,
    /// A bit for each class that took blocks since.
    used: Cell<u64>,
    /// Pages that the heap grew by since it collected remote frees.
    grown: Cell<u32>,
    /// Bytes of slabs.
    slabs: Cell<usize>,
}

impl Collection {
    pub(crate) const fn new() -> Self {
        Self {
            last: Cell::new(0),
            used: Cell::new(0),
            grown: Cell::new(0),
            slabs: Cell::new(0),
        }
    }

    /// A slab of so many bytes begins.
    pub(crate) fn began(&self, bytes: usize) {
        self.slabs.set(self.slabs.get() + bytes);
    }

    /// A slab of so many bytes was given up.
    pub(crate) fn gave_up(&self, bytes: usize) {
        self.slabs.set(self.slabs.get() - bytes);
    }

    /// The list of this class was refilled.
    pub(crate) fn used(&self, class: usize) {
        self.used.set(self.used.get() | 1 << class);
    }
}

/// Collects a heap, if it did not lately: all but the classes that it used since.
///
/// The calling thread owns the heap.
pub(crate) fn collect_if_due(heap: HeapRef, now: u32) {
    let collection = &heap.collection;
    if now.wrapping_sub(collection.last.get()) >= PAUSE {
        collection.last.set(now);
        let used = collection.used.take();
        collect_remote_frees(heap);
        collect_classes(heap, |class| used & 1 << class == 0);
    }
}

/// Everything that is free in a heap becomes free spans, as far as it makes whole slabs. O(blocks at hand).
///
/// The calling thread owns the heap.
pub(crate) fn collect_all(heap: HeapRef) {
    heap.span_cache.release(heap, |_| true);
    collect_remote_frees(heap);
    collect_classes(heap, |_| true);
}

fn collect_classes(heap: HeapRef, is_due: impl Fn(usize) -> bool) {
    for class in (1..CLASS_END).filter(|&class| is_due(class)) {
        magazines::unload(heap, class);
        slabs::give_up_spares(heap, class);
    }
}

/// Puts what other threads freed into its slabs; whether there was anything.
fn collect_remote_frees(heap: HeapRef) -> bool {
    let mut found_any = false;
    for class in 1..CLASS_END {
        if let Some(first) = heap.shared().remote_list(class).take() {
            found_any = true;
            slabs::put_back(heap, class, first.as_ptr());
        }
    }
    found_any
}

/// If the heap would have to touch new pages for a span of `pages`, gives the large blocks up that
/// were freed lately, and from time to time collects remote frees and gives all spare slabs up. Returns whether it did.
pub(crate) fn before_growth(heap: HeapRef, pages: u32) -> bool {
    if heap.shared().spans.with(|spans| spans.has_free(pages)) {
        return false;
    }
    heap.span_cache.release(heap, |_| true);
    let grown = heap.collection.grown.get() + pages;
    let is_due = grown >= PAGES_OF_GROWTH;
    heap.collection.grown.set(if is_due { 0 } else { grown });
    if is_due {
        let used = heap.collection.used.take();
        collect_remote_frees(heap);
        (1..CLASS_END).for_each(|class| slabs::give_up_spares(heap, class));
        collect_classes(heap, |class| used & 1 << class == 0);
    }
    is_due
}

/// A thread leaves the heap, which collects if it has more than the next thread may like to find at hand.
pub(crate) fn at_thread_end(heap: HeapRef) {
    if heap.collection.slabs.get() >= LEAST_COLLECTED {
        collect_all(heap);
    }
}

/// Looks after a heap that nobody has: other threads may have freed blocks of it.
///
/// The calling thread has adopted the heap.
pub(crate) fn collect_abandoned(heap: HeapRef) {
    if collect_remote_frees(heap) {
        collect_classes(heap, |_| true);
    }
}
