//! Collects a heap: puts free blocks of idle classes back into their slabs, and makes free spans of slabs that are
//! all free.

use core::ptr::null_mut;

use crate::hardened;
use crate::heap::owned::Owned;
use crate::layout::classes::CLASS_END;
use crate::link;
use crate::small::magazines;
use crate::small::slabs;

/// Milliseconds between two collections of a heap.
const PAUSE: u32 = 100;

/// A thread that ends collects its heap only if the slabs have at least this many bytes.
const LEAST_COLLECTED: usize = 64 << 10;

/// A growing heap collects once in this many pages.
const PAGES_OF_GROWTH: u32 = 64;

/// Collects a heap once every [`PAUSE`] milliseconds: all classes that took no blocks since.
pub(crate) fn collect_if_due(heap: Owned<'_>, now: u32) {
    let last = &heap.own().last_collection;
    if now.wrapping_sub(last.get()) >= PAUSE {
        last.set(now);
        collect_idle(heap);
    }
}

/// Collects all classes, the quarantine and the span cache. O(blocks in magazines).
pub(crate) fn collect_all(heap: Owned<'_>) {
    flush_pools(heap);
    heap.release_spans();
    collect_remote_frees(heap);
    collect_classes(heap, |_| true);
}

/// Collects the remote frees, and the classes that took no blocks since this was last called.
fn collect_idle(heap: Owned<'_>) {
    collect_remote_frees(heap);
    collect_classes(heap, |class| !heap.class_state(class).was_used.take());
}

fn collect_classes(heap: Owned<'_>, is_due: impl Fn(usize) -> bool) {
    for class in (1..CLASS_END).filter(|&class| is_due(class)) {
        magazines::unload(heap, class);
        slabs::give_up_spares(heap, class);
    }
}

/// Puts the blocks of the remote free lists into their slabs; `true` if there were any.
fn collect_remote_frees(heap: Owned<'_>) -> bool {
    let mut found_any = false;
    for class in 1..CLASS_END {
        if let Some(first) = heap.shared().remote_list(class).take() {
            found_any = true;
            slabs::put_back(heap, class, first.as_ptr());
        }
    }
    found_any
}

/// Prepares a heap to grow. If no free span has `pages` pages, empties the span cache; once in [`PAGES_OF_GROWTH`]
/// pages, collects the idle classes and gives up all spare slabs. Returns whether it collected.
pub(crate) fn before_growth(heap: Owned<'_>, pages: u32) -> bool {
    if heap.shared().spans.with(|spans| spans.has_free(pages)) {
        return false;
    }
    heap.release_spans();
    let grown = heap.own().grown.get() + pages;
    let is_due = grown >= PAGES_OF_GROWTH;
    heap.own().grown.set(if is_due { 0 } else { grown });
    if is_due {
        collect_idle(heap);
        (1..CLASS_END).for_each(|class| slabs::give_up_spares(heap, class));
    }
    is_due
}

/// Collects the heap of a thread that ends, unless the heap is small.
pub(crate) fn at_thread_end(heap: Owned<'_>) {
    if heap.own().slab_bytes.get() >= LEAST_COLLECTED {
        collect_all(heap);
    }
}

/// Collects an abandoned heap, which the calling thread has adopted, if other threads freed blocks of it.
pub(crate) fn collect_abandoned(heap: Owned<'_>) {
    if collect_remote_frees(heap) {
        collect_classes(heap, |_| true);
    }
}

/// Puts all blocks of the hardened mode's pools back into their slabs.
fn flush_pools(heap: Owned<'_>) {
    heap.own().hardening.flush(|class, offset| {
        let block = heap.at(offset);
        if heap.state(offset).is_freed() {
            hardened::check_first(block);
        }
        // SAFETY: the block is free, and left its pool just now (I3).
        unsafe { link::write(block, null_mut()) };
        slabs::put_back(heap, class, block.as_ptr());
    });
}
