//! The page that a thread is filling.

use core::cell::Cell;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicU64, Ordering, compiler_fence};

use crate::raw::PAGE_EVENTS;

/// An event's place: four words in a shared mapping that is never unmapped.
pub(crate) type Place = NonNull<AtomicU64>;

/// Words of an event.
const WORDS: usize = crate::raw::EVENT_LEN / size_of::<u64>();

/// Where a thread's next event goes.
pub(crate) struct Cursor {
    next: Cell<*mut AtomicU64>,
    n_left: Cell<usize>,
    /// Which log the page is of: a forked child has its parent's cursor, but a log of its own.
    log: Cell<u64>,
    is_busy: Cell<bool>,
}

thread_local! {
    static CURSOR: Cursor = const { Cursor {
        next: Cell::new(ptr::null_mut()),
        n_left: Cell::new(0),
        log: Cell::new(0),
        is_busy: Cell::new(false),
    } };
}

/// The next place of the calling thread in the log of that number. `fresh_page` gives the first
/// place of a page that is no other thread's.
///
/// A signal may come at any point of this and record calls itself: it finds the cursor busy and
/// takes a page for each.
pub(crate) fn next_place(log: u64, fresh_page: impl FnOnce() -> Option<Place>) -> Option<Place> {
    CURSOR.with(|cursor| {
        if cursor.is_busy.replace(true) {
            return fresh_page();
        }
        compiler_fence(Ordering::SeqCst);
        let place = cursor.take(log).or_else(|| {
            let first = fresh_page()?;
            cursor.begin(log, first);
            Some(first)
        });
        compiler_fence(Ordering::SeqCst);
        cursor.is_busy.set(false);
        place
    })
}

impl Cursor {
    fn take(&self, log: u64) -> Option<Place> {
        if self.log.get() != log || self.n_left.get() == 0 {
            return None;
        }
        let place = NonNull::new(self.next.get())?;
        self.n_left.set(self.n_left.get() - 1);
        // SAFETY: the page has room for as many events as were left.
        self.next.set(unsafe { place.add(WORDS) }.as_ptr());
        Some(place)
    }

    /// Goes on behind `first`, the first place of a page.
    fn begin(&self, log: u64, first: Place) {
        self.log.set(log);
        self.n_left.set(PAGE_EVENTS - 1);
        // SAFETY: a page has room for more than one event.
        self.next.set(unsafe { first.add(WORDS) }.as_ptr());
    }
}
