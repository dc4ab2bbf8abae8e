//! Periodic maintenance. The threads that allocate and free do it; there is no background thread.

use crate::clock;
use crate::giving_back::collect;
use crate::giving_back::purge::{self, DELAY};
use crate::heap::HeapRef;
use crate::heap::all;
use crate::heap::owned::{MaybeOwned, Owned};
use crate::huge_pages;
use crate::layout::units::{PAGE, PAGE_LOG2};
use crate::pages::span::Span;
use crate::primitive::{AtomicU32, Ordering};

/// Milliseconds from one maintenance pass over all heaps to the next.
const PASS_INTERVAL: u32 = 250;

/// Takes one maintenance step: delivers old remote frees, collects the heap if that is due, and starts a maintenance
/// pass over all heaps if no thread did so for [`PASS_INTERVAL`].
pub(crate) fn step(heap: Owned<'_>) {
    let now = clock::update_clock();
    heap.own().remote_cache.flush_old(now);
    heap.release_old_spans(now);
    collect::collect_if_due(heap, now);
    if heap.shared().is_private() {
        purge_idle(heap.heap_ref(), now);
    } else if is_pass_due(now) {
        pass(now);
    }
}

/// Time of the last maintenance pass over all heaps.
#[unsafe(link_section = ".data")]
static LAST_PASS: AtomicU32 = AtomicU32::new(0);

/// Whether a pass is due. If several threads ask at once, only one gets `true`.
fn is_pass_due(now: u32) -> bool {
    let last = LAST_PASS.load(Ordering::Relaxed);
    now.wrapping_sub(last) >= PASS_INTERVAL
        && LAST_PASS
            .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
}

/// Collects abandoned heaps, and purges some idle spans of every heap. If idle spans are left, the next pass is due
/// at once.
fn pass(now: u32) {
    let mut has_more = false;
    for heap in all::heaps() {
        heap.while_adopted(collect::collect_abandoned);
        has_more |= purge_idle(heap, now);
    }
    if has_more {
        LAST_PASS.store(now.wrapping_sub(PASS_INTERVAL), Ordering::Relaxed);
    }
}

/// Purges some idle spans of a heap; `true` if more may be idle.
fn purge_idle(heap: HeapRef, now: u32) -> bool {
    let is_idle = |since: u32| now.wrapping_sub(since) >= DELAY;
    heap.release_long_span(is_idle);
    let (spans, least) = (&heap.shared().spans, huge_pages::least_purged(heap));
    purge::purge(spans, least, is_idle, |span| drop_pages(heap, span)).has_more
}

/// Purges every free span of a heap now. Any thread may. Returns the bytes dropped.
fn purge_spans(heap: HeapRef) -> usize {
    heap.release_long_span(|_| true);
    huge_pages::give_up(heap);
    let mut bytes = 0;
    loop {
        let spans = &heap.shared().spans;
        let purged = purge::purge(spans, 1, |_| true, |span| drop_pages(heap, span));
        bytes += purged.n_pages * PAGE;
        if !purged.has_more {
            return bytes;
        }
    }
}

/// Collects a heap and purges its free pages now. Returns the bytes dropped.
pub(crate) fn purge_all(heap: Owned<'_>) -> usize {
    collect::collect_all(heap);
    purge_spans(heap.heap_ref())
}

/// Purges the free pages of all heaps. First collects the calling thread's heap and the abandoned ones; does not
/// touch the lists of other threads' heaps. Returns the bytes dropped.
pub(crate) fn purge_everything(own: MaybeOwned<'_>) -> usize {
    let purge_one = |heap: HeapRef| match own.owned().filter(|own| own.heap_ref() == heap) {
        Some(own) => purge_all(own),
        None => heap
            .while_adopted(purge_all)
            .unwrap_or_else(|| purge_spans(heap)),
    };
    all::heaps().map(purge_one).sum()
}

fn drop_pages(heap: HeapRef, span: Span) -> bool {
    let start = heap.at((span.page as usize) << PAGE_LOG2);
    let len = span.len as usize * PAGE;
    // SAFETY: the span was taken out of its bin, so no thread uses its pages.
    unsafe { os::purge(start, len) == len }
}
