//! What is done now and then, by whichever thread comes by: there is no thread for it.

use crate::hardened;
use crate::heap::HeapRef;
use crate::huge_pages;
use crate::os;
use crate::primitive::{AtomicU32, Ordering};
use crate::purge::{self, DELAY};
use crate::recent;
use crate::region::{PAGE, PAGE_LOG2};
use crate::registry;
use crate::settle;
use crate::spans::Span;

/// Milliseconds from one round through all heaps to the next.
const ROUND: u32 = 250;

/// When a thread last looked at the clock.
static LATELY: AtomicU32 = AtomicU32::new(1);

/// The time. It is written down only when it is another: all threads read what is, and a write takes its cache
/// line from them.
pub(crate) fn look_at_clock() -> u32 {
    let now = os::now();
    if lately() != now {
        LATELY.store(now, Ordering::Relaxed);
    }
    now
}

/// The time, more or less: what is older than it seems is purged earlier, once.
pub(crate) fn lately() -> u32 {
    LATELY.load(Ordering::Relaxed)
}

/// The calling thread's turn: it delivers what it collected, settles its heap if that is due, and
/// if nobody did lately, makes a round through all heaps.
///
/// The calling thread owns the heap.
pub(crate) fn turn(heap: HeapRef) {
    let now = look_at_clock();
    heap.outbox.flush_old(now);
    heap.recent.give_up_old(heap, now);
    settle::now_and_then(heap, now);
    if heap.shared().is_private() {
        purge_idle(heap, now);
    } else if is_time_for_round(now) {
        round(now);
    }
}

/// When the last round through all heaps was.
static LAST_ROUND: AtomicU32 = AtomicU32::new(0);

/// Whether the last round was long ago; of several threads that ask at once, one is told so.
fn is_time_for_round(now: u32) -> bool {
    let last = LAST_ROUND.load(Ordering::Relaxed);
    now.wrapping_sub(last) >= ROUND
        && LAST_ROUND
            .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
}

/// Looks after the heaps that nobody has, and gives a part of what is idle in any back. If that
/// was not all, the next round is due at once.
fn round(now: u32) {
    let mut has_more = false;
    for heap in registry::heaps() {
        if heap.shared().ownership.adopt() {
            settle::abandoned(heap);
            heap.shared().ownership.abandon();
        }
        has_more |= purge_idle(heap, now);
    }
    if has_more {
        LAST_ROUND.store(now.wrapping_sub(ROUND), Ordering::Relaxed);
    }
}

/// Gives a part of what is idle back; `true` if there may be more.
fn purge_idle(heap: HeapRef, now: u32) -> bool {
    let is_idle = |since: u32| now.wrapping_sub(since) >= DELAY;
    recent::give_up_spare(heap, is_idle);
    let drop_pages = |span| drop_pages(heap, span);
    let least = huge_pages::least_purged(heap);
    purge::purge(&heap.shared().spans, least, is_idle, drop_pages).has_more
}

/// Drops every free span of a heap now, whosever it is. Returns the bytes dropped.
fn purge_spans(heap: HeapRef) -> usize {
    recent::give_up_spare(heap, |_| true);
    huge_pages::give_up(heap);
    let mut bytes = 0;
    loop {
        let drop_pages = |span| drop_pages(heap, span);
        let purged = purge::purge(&heap.shared().spans, 1, |_| true, drop_pages);
        bytes += purged.n_pages * PAGE;
        if !purged.has_more {
            return bytes;
        }
    }
}

/// Settles a heap and drops every free page of it now. Returns the bytes dropped.
///
/// The calling thread owns the heap.
pub(crate) fn purge_all(heap: HeapRef) -> usize {
    hardened::flush(heap);
    settle::settle(heap);
    purge_spans(heap)
}

/// Drops every free page of all heaps. Settles the calling thread's heap and those without a thread before;
/// those of other threads it takes as they are. Returns the bytes dropped.
pub(crate) fn purge_everything(own: HeapRef) -> usize {
    let purge_one = |heap: HeapRef| {
        if heap == own {
            return purge_all(heap);
        }
        if heap.shared().ownership.adopt() {
            let bytes = purge_all(heap);
            heap.shared().ownership.abandon();
            return bytes;
        }
        purge_spans(heap)
    };
    registry::heaps().map(purge_one).sum()
}

fn drop_pages(heap: HeapRef, span: Span) -> bool {
    let start = heap.at((span.page as usize) << PAGE_LOG2);
    // SAFETY: the span was taken out of its bin, so that nobody uses its pages.
    unsafe { os::purge(start, span.len as usize * PAGE) }
}
