//! Huge pages for heaps that are large and full: fewer page faults, and fewer misses when the
//! processor looks addresses up.
//!
//! A huge page is resident as a whole, so they are for what will be used as a whole. Slabs at the end of a
//! heap that grows are: the next ones will lie behind them. So an adaptive heap asks a piece ahead of its
//! slabs, and not for large blocks, of which a program may touch as little as it likes. A heap with holes in
//! its huge pages must choose between them and giving the holes back.

use crate::heap::HeapRef;
use crate::os;
use crate::primitive::{AtomicU8, AtomicU32, Ordering};
use crate::region::{PAGE, PAGE_LOG2};

/// Pages of a huge page, 2 MiB.
const HUGE: u32 = (2 << 20) / PAGE as u32;

/// Pages that an adaptive heap has before it asks for huge ones.
const LEAST_USED: u32 = 16 * HUGE;

/// When heaps ask the OS for huge pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum HugePages {
    /// Never: what the system does by itself is left alone.
    Off,
    /// A heap that has 32 MiB, of which less than an eighth is free, asks for what it grows by in blocks of up
    /// to 32 KiB. It stops, and gives its holes back one by one again, when more than a quarter is free.
    Adaptive,
    /// A heap asks for all but its first pages, and keeps on asking.
    Always,
}

static MODE: AtomicU8 = AtomicU8::new(HugePages::Off as u8);

/// What heaps do from now on.
pub(crate) fn set_mode(mode: HugePages) {
    MODE.store(mode as u8, Ordering::Relaxed);
}

fn is_mode(mode: HugePages) -> bool {
    MODE.load(Ordering::Relaxed) == mode as u8
}

/// What a heap asked for: the pages `from..until`, none if `until` is 0.
#[derive(Debug)]
pub(crate) struct Asked {
    from: AtomicU32,
    until: AtomicU32,
}

impl Asked {
    pub(crate) const fn new() -> Self {
        Self {
            from: AtomicU32::new(0),
            until: AtomicU32::new(0),
        }
    }

    fn is_none(&self) -> bool {
        self.until.load(Ordering::Relaxed) == 0
    }
}

/// Asks for huge pages for what the heap grows by, if it is one to have them, before anybody touches its
/// newest slab, the pages `first..end`.
///
/// The calling thread owns the heap.
#[inline]
pub(crate) fn after_growth(heap: HeapRef, first: u32, end: u32) {
    if !is_mode(HugePages::Off) && end > heap.shared().asked.until.load(Ordering::Relaxed) {
        ask(heap, first, end);
    }
}

#[cold]
fn ask(heap: HeapRef, first: u32, end: u32) {
    let asked = &heap.shared().asked;
    let region_end = heap.n_pages() as u32;
    let until = asked.until.load(Ordering::Relaxed);
    // What is asked for is in one piece, or a heap would make many mappings of one.
    let from = first.next_multiple_of(HUGE).max(until);
    let until = match is_mode(HugePages::Always) {
        true => region_end,
        false if !is_large_and_full(heap) => return,
        false => (end.next_multiple_of(HUGE) + HUGE).min(region_end),
    };
    if from >= until {
        return;
    }
    if !advise(heap, from, until, true) {
        // The system has none.
        return set_mode(HugePages::Off);
    }
    if asked.is_none() {
        asked.from.store(from, Ordering::Relaxed);
    }
    asked.until.store(until, Ordering::Relaxed);
}

/// Whether many pages were used, and less than an eighth of them is free.
fn is_large_and_full(heap: HeapRef) -> bool {
    let (used, free) = extent(heap);
    used >= LEAST_USED && free < used / 8
}

/// The fewest pages of a free span that are worth giving back: those of a huge page while the heap
/// has huge ones that are in use; else one.
pub(crate) fn least_purged(heap: HeapRef) -> u32 {
    if heap.shared().asked.is_none() {
        return 1;
    }
    let (used, free) = extent(heap);
    if is_mode(HugePages::Always) || free < used / 4 {
        return HUGE;
    }
    give_up(heap);
    1
}

/// Asks for none any more: or the kernel would fill the holes again that are given back.
pub(crate) fn give_up(heap: HeapRef) {
    let asked = &heap.shared().asked;
    let until = asked.until.swap(0, Ordering::Relaxed);
    if until != 0 {
        advise(heap, asked.from.load(Ordering::Relaxed), until, false);
    }
}

/// Pages below `top`, and those of them that are free.
fn extent(heap: HeapRef) -> (u32, u32) {
    let spans = &heap.shared().spans;
    spans.with(|spans| (spans.top() - spans.first(), spans.n_free()))
}

/// Advises the OS of the pages `from..until`; `false` if it refuses.
fn advise(heap: HeapRef, from: u32, until: u32, huge: bool) -> bool {
    let [start, end] = [from, until].map(|page| (page as usize) << PAGE_LOG2);
    // SAFETY: the pages are the heap's own.
    unsafe { os::advise_huge(heap.at(start), end - start, huge) }
}
