//! Advises huge pages for heaps that are large and nearly full: they save page faults and TLB misses.
//!
//! A huge page is resident as a whole, so it pays only for memory that the program will use as a whole. Slabs at the
//! end of a growing heap are such memory: the next slabs will lie behind them. So an adaptive heap advises a range
//! ahead of its slabs. It advises none for large blocks, because a program may touch only a part of one. A heap with
//! holes in its huge pages must choose between them and giving the holes back.
//!
//! Imports `heap`, `pages`, `layout` and `os`.

use core::ptr::NonNull;

use crate::heap::HeapRef;
use crate::heap::owned::Owned;
use crate::layout::units::{PAGE, PAGE_LOG2};
use crate::pages::advised_range::Pages;
use crate::primitive::{AtomicU8, Ordering};

/// Pages of a huge page, 2 MiB.
const HUGE: u32 = (2 << 20) / PAGE as u32;

/// Pages that an adaptive heap has before it advises huge pages.
const LEAST_USED: u32 = 16 * HUGE;

/// When heaps ask the OS for huge pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum HugePages {
    /// Never. The system's own policy applies.
    Off,
    /// A heap of at least 32 MiB asks for huge pages for the slabs it grows by, if less than an eighth of it is free. From
    /// then on it purges no hole of less than 2 MiB. When more than a quarter is free, it stops asking and purges all
    /// holes again.
    Adaptive,
    /// A heap always asks, for all but its first pages; direct mappings have huge pages, too.
    Always,
}

static MODE: AtomicU8 = AtomicU8::new(HugePages::Off as u8);

/// Sets the mode of all heaps.
pub(crate) fn set_mode(mode: HugePages) {
    MODE.store(mode as u8, Ordering::Relaxed);
}

fn is_mode(mode: HugePages) -> bool {
    MODE.load(Ordering::Relaxed) == mode as u8
}

/// Advises huge pages for the heap's growth if its mode wants them, before the newest slab, the pages `first..end`, is
/// touched.
#[inline]
pub(crate) fn after_growth(heap: Owned<'_>, first: u32, end: u32) {
    if !is_mode(HugePages::Off) && end > heap.shared().advised.pages().until {
        ask(heap, first, end);
    }
}

/// Advises huge pages for a direct mapping in mode [`HugePages::Always`].
pub(crate) fn after_mapping(block: NonNull<u8>, len: usize) {
    if is_mode(HugePages::Always) {
        // SAFETY: mapped for the block.
        unsafe { os::advise_huge(block, len, true) };
    }
}

#[cold]
fn ask(heap: Owned<'_>, first: u32, end: u32) {
    let asked = &heap.shared().advised;
    let (old, region_end) = (asked.pages(), heap.parts().end_page as u32);
    let until = match is_mode(HugePages::Always) {
        true => region_end,
        false if !is_to_have_more(heap, old, first, end) => return,
        false => (end.next_multiple_of(HUGE) + HUGE).min(region_end),
    };
    let from = first.next_multiple_of(HUGE).max(old.until);
    if from >= until {
        return;
    }
    if !advise(heap.heap_ref(), Pages { from, until }, true) {
        // The system has none.
        return set_mode(HugePages::Off);
    }
    asked.n_beyond.store(0, Ordering::Relaxed);
    let lowest = if old == Pages::NONE { from } else { old.from };
    let all = Pages {
        from: lowest,
        until,
    };
    if !asked.replace(old, all) {
        // Another thread took the old range meanwhile: this advice ends as well.
        advise(heap.heap_ref(), Pages { from, until }, false);
    }
}

/// True if the heap is large, nearly full, and this slab extends its end where the advised range ends, or 2 MiB of
/// slabs lie beyond that range. Where large blocks and slabs alternate, the pages ahead of a slab would become the next
/// large block.
fn is_to_have_more(heap: Owned<'_>, old: Pages, first: u32, end: u32) -> bool {
    let Extent { used, free, top } = extent(heap.heap_ref());
    if top != end || used < LEAST_USED || free >= used / 8 {
        return false;
    }
    let n_beyond = &heap.shared().advised.n_beyond;
    let n = n_beyond.load(Ordering::Relaxed) + (end - first);
    n_beyond.store(n, Ordering::Relaxed);
    old == Pages::NONE || first <= old.until || n >= HUGE
}

/// Pages of the shortest span that a purge takes: a huge page's while the heap uses huge pages, else one.
pub(crate) fn least_purged(heap: HeapRef) -> u32 {
    if heap.shared().advised.pages() == Pages::NONE {
        return 1;
    }
    let Extent { used, free, .. } = extent(heap);
    if is_mode(HugePages::Always) || free < used / 4 {
        return HUGE;
    }
    give_up(heap);
    1
}

/// Ends the advice for huge pages, or the kernel would fill purged holes again.
pub(crate) fn give_up(heap: HeapRef) {
    let pages = heap.shared().advised.take();
    if pages != Pages::NONE {
        advise(heap, pages, false);
    }
}

/// How much of a heap was ever used.
struct Extent {
    /// Pages below `top`.
    used: u32,
    /// Those of them that are free.
    free: u32,
    top: u32,
}

fn extent(heap: HeapRef) -> Extent {
    let spans = &heap.shared().spans;
    spans.with(|spans| Extent {
        used: spans.top() - spans.first(),
        free: spans.n_free(),
        top: spans.top(),
    })
}

/// Advises the OS of these pages; `false` if it refuses.
fn advise(heap: HeapRef, Pages { from, until }: Pages, huge: bool) -> bool {
    let [start, end] = [from, until].map(|page| (page as usize) << PAGE_LOG2);
    // SAFETY: the pages are in the heap's region (I1).
    unsafe { os::advise_huge(heap.at(start), end - start, huge) }
}
