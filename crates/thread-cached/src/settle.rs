//! Settling: what a heap has at hand and does not use goes back into its slabs, and those that are all free
//! become free spans.

use crate::classes::CLASS_END;
use crate::heap::HeapRef;
use crate::magazines;
use crate::primitive::Cell;
use crate::slabs;

/// Milliseconds between two times that a heap settles.
const PAUSE: u32 = 100;

/// A heap with fewer bytes of slabs is left to the next thread as it is.
const LEAST_SETTLED: usize = 64 << 10;

/// A heap that grows opens its mail once in so many pages.
const PAGES_OF_GROWTH: u32 = 64;

/// When a heap settles.
#[derive(Debug)]
pub(crate) struct Settling {
    last: Cell<u32>,
    /// A bit for each class that took blocks since.
    used: Cell<u64>,
    /// Pages that the heap grew by since it opened its mail.
    grown: Cell<u32>,
    /// Bytes of slabs.
    slabs: Cell<usize>,
}

impl Settling {
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

/// Settles a heap, if it did not lately: all but the classes that it used since.
///
/// The calling thread owns the heap.
pub(crate) fn now_and_then(heap: HeapRef, now: u32) {
    let settling = &heap.settling;
    if now.wrapping_sub(settling.last.get()) >= PAUSE {
        settling.last.set(now);
        let used = settling.used.take();
        open_mail(heap);
        settle_classes(heap, |class| used & 1 << class == 0);
    }
}

/// Everything that is free in a heap becomes free spans, as far as it makes whole slabs. O(blocks at hand).
///
/// The calling thread owns the heap.
pub(crate) fn settle(heap: HeapRef) {
    heap.recent.give_up(heap, |_| true);
    open_mail(heap);
    settle_classes(heap, |_| true);
}

fn settle_classes(heap: HeapRef, is_due: impl Fn(usize) -> bool) {
    for class in (1..CLASS_END).filter(|&class| is_due(class)) {
        magazines::unload(heap, class);
        slabs::give_up_spares(heap, class);
    }
}

/// Puts what other threads freed into its slabs; whether there was anything.
fn open_mail(heap: HeapRef) -> bool {
    let mut has_mail = false;
    for class in 1..CLASS_END {
        if let Some(first) = heap.shared().inbox(class).take() {
            has_mail = true;
            slabs::put_back(heap, class, first.as_ptr());
        }
    }
    has_mail
}

/// If the heap would have to touch new pages for a span of `pages`, gives the large blocks up that
/// were freed lately, and from time to time opens the mail and gives all spare slabs up. Returns whether it did.
pub(crate) fn before_growth(heap: HeapRef, pages: u32) -> bool {
    if heap.shared().spans.with(|spans| spans.has_free(pages)) {
        return false;
    }
    heap.recent.give_up(heap, |_| true);
    let grown = heap.settling.grown.get() + pages;
    let is_due = grown >= PAGES_OF_GROWTH;
    heap.settling.grown.set(if is_due { 0 } else { grown });
    if is_due {
        let used = heap.settling.used.take();
        open_mail(heap);
        (1..CLASS_END).for_each(|class| slabs::give_up_spares(heap, class));
        settle_classes(heap, |class| used & 1 << class == 0);
    }
    is_due
}

/// A thread leaves the heap, which settles if it has more than the next thread may like to find at hand.
pub(crate) fn at_end(heap: HeapRef) {
    if heap.settling.slabs.get() >= LEAST_SETTLED {
        settle(heap);
    }
}

/// Looks after a heap that nobody has: other threads may have freed blocks of it.
///
/// The calling thread has adopted the heap.
pub(crate) fn abandoned(heap: HeapRef) {
    if open_mail(heap) {
        settle_classes(heap, |_| true);
    }
}
