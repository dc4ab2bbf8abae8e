//! Huge pages for heaps that are large and full: fewer page faults, and fewer misses when the
//! processor looks addresses up.
//!
//! A huge page is resident as a whole, so they are for what will be used as a whole. Slabs at the end of a
//! heap that grows are: the next ones will lie behind them. So an adaptive heap asks a piece ahead of its
//! slabs, and not for large blocks, of which a program may touch as little as it likes. A heap with holes in
//! its huge pages must choose between them and giving the holes back.

use core::ptr::NonNull;

use crate::heap::HeapRef;
use crate::heap::region::{PAGE, PAGE_LOG2};
use crate::os;
use crate::primitive::{AtomicU8, AtomicU32, AtomicU64, Ordering};

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
    /// to 32 KiB. From then on holes of less than 2 MiB stay; when more than a quarter is free it asks for none any
    /// more, and gives them back one by one again.
    Adaptive,
    /// A heap asks for all but its first pages, and keeps on asking; blocks with a mapping of their own
    /// have them, too.
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

/// What a heap asked for: the pages `from..until`, but for large blocks among them; none if `until` is 0.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pages {
    from: u32,
    until: u32,
}

impl Pages {
    const NONE: Self = Self { from: 0, until: 0 };

    const fn bits(self) -> u64 {
        (self.from as u64) << 32 | self.until as u64
    }

    const fn of_bits(bits: u64) -> Self {
        Self {
            from: (bits >> 32) as u32,
            until: bits as u32,
        }
    }
}

/// The [`Pages`] of a heap: the owner adds to them, and whoever purges takes them all away.
#[derive(Debug)]
pub(crate) struct AdvisedRange {
    pages: AtomicU64,
    /// Pages of slabs beyond `until` since it was moved. The owner's alone.
    n_beyond: AtomicU32,
}

impl AdvisedRange {
    pub(crate) const fn new() -> Self {
        Self {
            pages: AtomicU64::new(Pages::NONE.bits()),
            n_beyond: AtomicU32::new(0),
        }
    }

    fn pages(&self) -> Pages {
        Pages::of_bits(self.pages.load(Ordering::Relaxed))
    }

    fn take(&self) -> Pages {
        Pages::of_bits(self.pages.swap(Pages::NONE.bits(), Ordering::Relaxed))
    }

    /// `false` if somebody took them away meanwhile.
    fn replace(&self, old: Pages, new: Pages) -> bool {
        let (old, new) = (old.bits(), new.bits());
        let replaced = self
            .pages
            .compare_exchange(old, new, Ordering::Relaxed, Ordering::Relaxed);
        replaced.is_ok()
    }
}

/// Asks for huge pages for what the heap grows by, if it is one to have them, before anybody touches its
/// newest slab, the pages `first..end`.
///
/// The calling thread owns the heap.
#[inline]
pub(crate) fn after_growth(heap: HeapRef, first: u32, end: u32) {
    if !is_mode(HugePages::Off) && end > heap.shared().advised.pages().until {
        ask(heap, first, end);
    }
}

/// Asks for huge pages for a block with a mapping of its own, if all memory is to have them.
pub(crate) fn after_mapping(block: NonNull<u8>, len: usize) {
    if is_mode(HugePages::Always) {
        // SAFETY: mapped for the block.
        unsafe { os::advise_huge(block, len, true) };
    }
}

#[cold]
fn ask(heap: HeapRef, first: u32, end: u32) {
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
    if !advise(heap, Pages { from, until }, true) {
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
        // What there was was given up meanwhile: so is this.
        advise(heap, Pages { from, until }, false);
    }
}

/// Whether an adaptive heap is to have huge pages ahead of this slab: it is large and full, and the slab is
/// its newest and lies where the last piece ends, or 2 MiB of slabs lie n_beyond. For where large blocks
/// and slabs take turns, the piece ahead of a slab would be the next large block's.
fn is_to_have_more(heap: HeapRef, old: Pages, first: u32, end: u32) -> bool {
    let Extent { used, free, top } = extent(heap);
    if top != end || used < LEAST_USED || free >= used / 8 {
        return false;
    }
    let n_beyond = &heap.shared().advised.n_beyond;
    let n = n_beyond.load(Ordering::Relaxed) + (end - first);
    n_beyond.store(n, Ordering::Relaxed);
    old == Pages::NONE || first <= old.until || n >= HUGE
}

/// The fewest pages of a free span that are worth giving back: those of a huge page while the heap
/// has huge ones that are in use; else one.
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

/// Asks for none any more: or the kernel would fill the holes again that are given back.
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
