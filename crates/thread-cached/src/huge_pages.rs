//! Huge pages for heaps that are large and full: fewer page faults, and fewer misses when the
//! processor looks addresses up.
//!
//! A huge page is resident as a whole, so they are for what will be used as a whole. The end of a heap that
//! grows is: blocks are bumped from there, so that at most one huge page is partly used. A heap
//! with holes in its huge pages must choose between them and giving the holes back.

use crate::heap::HeapRef;
use crate::os;
use crate::primitive::{AtomicU8, AtomicU32, Ordering};
use crate::region::{PAGE, PAGE_LOG2};

/// Pages of a huge page, 2 MiB.
const HUGE: u32 = (2 << 20) / PAGE as u32;

/// Pages that an adaptive heap uses before it is given huge ones.
const LEAST_USED: u32 = 16 * HUGE;

/// When heaps ask the OS for huge pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum HugePages {
    /// Never: what the system does by itself is left alone.
    Off,
    /// A heap that has 32 MiB, of which less than an eighth is free, asks for what it grows by.
    /// It stops, and gives its holes back one by one again, when more than a quarter is free.
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

/// What a heap asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The first page, from which on they are huge; 0 if it asked for none.
    from: AtomicU32,
}

impl Asked {
    pub(crate) const fn new() -> Self {
        Self {
            from: AtomicU32::new(0),
        }
    }
}

/// Asks for huge pages from here on, if the heap, which is about to grow, is one to have them.
///
/// The calling thread owns the heap.
pub(crate) fn before_growth(heap: HeapRef) {
    let asked = &heap.shared().asked;
    if is_mode(HugePages::Off) || asked.from.load(Ordering::Relaxed) != 0 {
        return;
    }
    let (used, free, top) = extent(heap);
    let from = top.next_multiple_of(HUGE);
    if (from as usize) >= heap.n_pages() {
        return;
    }
    if is_mode(HugePages::Always) || (used >= LEAST_USED && free < used / 8) {
        match advise(heap, from, true) {
            true => asked.from.store(from, Ordering::Relaxed),
            // The system has none.
            false => set_mode(HugePages::Off),
        }
    }
}

/// The fewest pages of a free span that are worth giving back: those of a huge page while the heap
/// has huge ones that are in use; else one.
pub(crate) fn least_purged(heap: HeapRef) -> u32 {
    if heap.shared().asked.from.load(Ordering::Relaxed) == 0 {
        return 1;
    }
    let (used, free, _) = extent(heap);
    if is_mode(HugePages::Always) || free < used / 4 {
        return HUGE;
    }
    give_up(heap);
    1
}

/// Asks for none any more: or the kernel would fill the holes again that are given back.
pub(crate) fn give_up(heap: HeapRef) {
    let from = heap.shared().asked.from.swap(0, Ordering::Relaxed);
    if from != 0 {
        advise(heap, from, false);
    }
}

/// Pages below `top`, those of them that are free, and `top`.
fn extent(heap: HeapRef) -> (u32, u32, u32) {
    let spans = &heap.shared().spans;
    spans.with(|spans| (spans.top() - spans.first(), spans.n_free(), spans.top()))
}

/// Advises the OS of the pages from this one to the region's end; `false` if it refuses.
fn advise(heap: HeapRef, from: u32, huge: bool) -> bool {
    let start = (from as usize) << PAGE_LOG2;
    let len = heap.shared().len() - start;
    // SAFETY: the pages are the heap's own.
    unsafe { os::advise_huge(heap.at(start), len, huge) }
}
