//! The sweep: finds slabs whose blocks are all free, gives their pages back, and puts what stays
//! on the lists in address order.
//!
//! Allocating and freeing count nothing, so that only walking the lists tells which pages are
//! free. It happens when much was freed and some time has passed, and before the heap grows.

use core::ops::Range;
use core::ptr::{NonNull, null_mut};

use core_api::{Misuse, fatal};

use crate::classes::{self, CLASS_END};
use crate::heap::{HeapRef, TICK};
use crate::link;
use crate::marks::Marks;
use crate::primitive::Cell;
use crate::region::PAGE;
use crate::runs;
use crate::slab::{self, Slab};
use crate::spans::Spans;
use crate::tidy;

/// Less freed memory than this is not worth a sweep.
const LEAST_FREED: usize = 64 << 10;
/// Sweeps by the clock are this many milliseconds apart at least, …
const LEAST_PAUSE: u32 = 100;
/// … at most, if the last ones found little, …
const MOST_PAUSE: u32 = 2000;
/// … and so far apart that they take less than one part in this many of the time.
const PARTS_OF_TIME: u32 = 20;
/// So many bytes must be freed for a sweep before its time. One that follows another has to wait
/// for twice as many, unless the heap is being emptied, …
const LEAST_EARLY: usize = 4 << 20;
/// … up to this many times as many: programs that fill and empty their heap over and over.
const MOST_PATIENCE: usize = 256;
/// The heap may grow by one part in this many between two sweeps before it grows, lest a program
/// that lives on little memory sweeps over and over what it is about to use again.
const PARTS_OF_GROWTH: usize = 64;

/// When a heap is swept.
#[derive(Debug)]
pub(crate) struct Rhythm {
    /// An estimate of the bytes freed since the last sweep: each tick counts as many blocks of
    /// the class that it fell on.
    freed: Cell<usize>,
    /// Bytes that the heap asked for beyond what was free since the last sweep.
    grown: Cell<usize>,
    /// Bytes of slabs.
    slabs: Cell<usize>,
    /// Bytes of used blocks that the last sweep found.
    live: Cell<usize>,
    last: Cell<u32>,
    pause: Cell<u32>,
    /// How many times the live bytes must be freed for a sweep before its time.
    patience: Cell<usize>,
    /// Whether the last sweep found less than a quarter of what the one before had found, or a
    /// quarter less again: the program seems to be about to free most of the rest.
    is_emptied: Cell<bool>,
}

/// What a sweep found.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    /// Bytes of slabs given back.
    released: usize,
    /// Bytes of used blocks.
    live: usize,
}

impl Rhythm {
    pub(crate) const fn new() -> Self {
        Self {
            freed: Cell::new(0),
            grown: Cell::new(0),
            slabs: Cell::new(0),
            live: Cell::new(0),
            last: Cell::new(0),
            pause: Cell::new(LEAST_PAUSE),
            patience: Cell::new(1),
            is_emptied: Cell::new(false),
        }
    }

    /// A tick fell on the free of a block of this class.
    pub(crate) fn counted(&self, class: usize) {
        let bytes = TICK as usize * classes::size_of(class);
        self.freed.set(self.freed.get().saturating_add(bytes));
    }

    pub(crate) fn slabs_grew(&self, bytes: usize) {
        self.slabs.set(self.slabs.get() + bytes);
    }

    /// Whether one in `parts` of the slabs' bytes was freed since the last sweep.
    fn has_freed(&self, parts: usize) -> bool {
        self.freed.get() >= LEAST_FREED.max(self.slabs.get() / parts)
    }

    /// Whether a sweep is likely to find pages, and the heap has grown since the last one.
    fn is_due_before_growth(&self, bytes: usize) -> bool {
        let (freed, grown) = (self.freed.get(), self.grown.get() + bytes);
        self.grown.set(grown);
        let has_freed_much = self.has_freed(4) || freed >= LEAST_FREED.max(self.live.get() / 2);
        has_freed_much && grown >= self.slabs.get() / PARTS_OF_GROWTH
    }

    /// Whether it is time for a sweep: by the clock, the longer ago the last one is for the less;
    /// or because nearly all that was live seems to be freed, and the thread may sleep from now on.
    pub(crate) fn is_due(&self, now: u32) -> bool {
        let most_of_live = match self.is_emptied.get() {
            true => self.live.get() / 4,
            false => self.live.get() / 8 * 7 * self.patience.get(),
        };
        let is_early = self.freed.get() >= most_of_live.max(LEAST_EARLY) && self.has_freed(16);
        let n_pauses = self.pauses(now) as usize;
        is_early || (n_pauses > 0 && self.has_freed(8 * n_pauses))
    }

    /// How many times the pause after the last sweep is over.
    fn pauses(&self, now: u32) -> u32 {
        now.wrapping_sub(self.last.get()) / self.pause.get()
    }

    fn has_paused(&self, now: u32) -> bool {
        self.pauses(now) > 0
    }

    fn swept(&self, began: u32, Found { released, live }: Found) {
        let now = tidy::look_at_clock();
        let fruitless = released < self.slabs.get() / 16;
        let quarter = self.live.replace(live) / 4;
        let is_emptied = live < quarter || (self.is_emptied.get() && live < 3 * quarter);
        self.is_emptied.set(is_emptied);
        let patience = self.patience.get();
        self.patience.set(match self.has_paused(began) {
            true => (patience / 2).max(1),
            false if is_emptied => patience,
            false => (patience * 2).min(MOST_PATIENCE),
        });
        let longer = if fruitless { 2 * self.pause.get() } else { 0 };
        let fair = now.wrapping_sub(began).saturating_mul(PARTS_OF_TIME);
        self.pause
            .set(longer.max(fair).clamp(LEAST_PAUSE, MOST_PAUSE));
        self.slabs.set(self.slabs.get() - released);
        self.freed.set(0);
        self.grown.set(0);
        self.last.set(now);
    }
}

/// If the heap would have to touch new pages for a span of `pages`, gives the large blocks up that
/// were freed lately; and sweeps, if a quarter of the heap, or half of what was live, was freed
/// since the last sweep, and it grew by a little. Returns whether it swept.
pub(crate) fn before_growth(heap: HeapRef, pages: u32) -> bool {
    if heap.shared().spans.with(|spans| spans.has_free(pages)) {
        return false;
    }
    heap.recent.give_up(heap, |_| true);
    let sweeps = heap.rhythm.is_due_before_growth(pages as usize * PAGE);
    if sweeps {
        sweep(heap);
    }
    sweeps
}

/// A thread leaves the heap: what it freed last goes back, if that is more than the next thread
/// may like to find on the lists.
pub(crate) fn at_end(heap: HeapRef) {
    if heap.rhythm.freed.get() >= LEAST_FREED {
        sweep(heap);
    }
}

/// Looks after a heap that nobody has: other threads may have freed blocks of it.
///
/// The calling thread has adopted the heap.
pub(crate) fn abandoned(heap: HeapRef, now: u32) {
    let rhythm = &heap.rhythm;
    let has_mail = (1..CLASS_END).any(|class| !heap.shared().inbox(class).peek().is_null());
    if has_mail && rhythm.has_paused(now) {
        sweep(heap);
    }
}

/// Gives back the pages of slabs that are free, among them what other threads freed. O(pages of
/// the heap + free blocks).
///
/// The calling thread owns the heap.
pub(crate) fn sweep(heap: HeapRef) {
    let began = tidy::look_at_clock();
    heap.recent.give_up(heap, |_| true);
    let marks = Marks::of(heap);
    marks.mark(|class| {
        let listed = heap.list(class).replace(null_mut());
        let sent = heap.shared().inbox(class).take();
        [listed, sent.map_or(null_mut(), NonNull::as_ptr)]
    });
    let (found, offsets) = heap.shared().spans.with(|spans| {
        let found = relist(heap, spans, marks);
        (found, runs::extent(spans))
    });
    marks.discard(offsets);
    heap.rhythm.swept(began, found);
}

/// Builds the lists from the marks.
fn relist(heap: HeapRef, spans: &mut Spans, marks: Marks) -> Found {
    let mut lasts: [Option<NonNull<u8>>; CLASS_END] = [None; CLASS_END];
    let mut found = Found::default();
    let Range { start, end } = runs::extent(spans);
    let mut offset = start;
    while offset < end {
        let run = runs::run_at(heap, spans, offset);
        offset = run.end();
        let Some(slab) = run.slab() else {
            continue;
        };
        let (n_marked, n_cut) = (marks.count(run), slab.n_cut(heap));
        if n_marked == n_cut {
            offset = slab::release(heap, spans, slab, run.is_small);
            found.released += slab.len;
        } else {
            found.live += (n_cut - n_marked) * slab.size();
            relist_slab(heap, marks, slab, n_marked, &mut lasts[slab.class]);
        }
        marks.clear(run);
    }
    found
}

/// Appends the `n_marked` marked blocks of a slab to the class's list, which ends in `last`.
fn relist_slab(
    heap: HeapRef,
    marks: Marks,
    slab: Slab,
    n_marked: usize,
    last: &mut Option<NonNull<u8>>,
) {
    let mut n_listed = 0;
    let offsets = slab.blocks().step_by(slab.size());
    for offset in offsets.filter(|&offset| n_marked > 0 && marks.is_set(offset)) {
        let block = heap.at(offset);
        // SAFETY: marked blocks are free and ours; the list has none after `last`.
        unsafe {
            match *last {
                Some(last) => link::write(last, block.as_ptr()),
                None => heap.list(slab.class).set(block.as_ptr()),
            }
            link::write(block, null_mut());
        }
        *last = Some(block);
        n_listed += 1;
    }
    if n_listed != n_marked {
        fatal(Misuse::ForeignPointer);
    }
}
