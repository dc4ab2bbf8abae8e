//! The page that a thread is filling.

use core::cell::Cell;
use core::ptr::{self, NonNull};
use core::sync::atomic::{Ordering, compiler_fence};

use crate::coder::{Coder, MAX_LEN};
use crate::raw::{HEAD_LEN, PAGE_LEN, Stamped};

/// A page that no other thread writes to: in a shared mapping that is never unmapped.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    /// Where its events begin.
    pub first: NonNull<u8>,
    /// When it was taken.
    pub ticks: u64,
}

/// Where a thread's next event goes.
struct Cursor {
    next: Cell<*mut u8>,
    /// Bytes from there to the end of the page.
    left: Cell<usize>,
    coder: Cell<Coder>,
    /// Which log the page is of: a forked child has its parent's cursor, but a log of its own.
    log: Cell<u64>,
    is_busy: Cell<bool>,
}

thread_local! {
    static CURSOR: Cursor = const { Cursor::new() };
}

/// Writes what `stamp` gives to the calling thread's page, or to a new one from `take_page`, of the
/// log of that number.
///
/// A signal may come at any point of this and record calls itself: it finds the cursor busy and
/// takes a page for each.
pub(crate) fn write(
    log: u64,
    take_page: impl FnOnce() -> Option<Page>,
    stamp: impl FnOnce() -> Stamped,
) {
    CURSOR.with(|cursor| {
        if cursor.is_busy.replace(true) {
            let own = Cursor::new();
            own.write(log, take_page, stamp);
            return;
        }
        compiler_fence(Ordering::SeqCst);
        cursor.write(log, take_page, stamp);
        compiler_fence(Ordering::SeqCst);
        cursor.is_busy.set(false);
    });
}

impl Cursor {
    const fn new() -> Self {
        Self {
            next: Cell::new(ptr::null_mut()),
            left: Cell::new(0),
            coder: Cell::new(Coder::new(0)),
            log: Cell::new(0),
            is_busy: Cell::new(false),
        }
    }

    fn write(
        &self,
        log: u64,
        take_page: impl FnOnce() -> Option<Page>,
        stamp: impl FnOnce() -> Stamped,
    ) {
        if self.log.get() != log || self.left.get() < MAX_LEN {
            let Some(page) = take_page() else { return };
            self.begin(log, page);
        }
        self.put(stamp());
    }

    #[cold]
    fn begin(&self, log: u64, page: Page) {
        self.log.set(log);
        self.next.set(page.first.as_ptr());
        self.left.set(PAGE_LEN - HEAD_LEN);
        self.coder.set(Coder::new(page.ticks));
    }

    /// Writes the first bytes last: an event is whole or absent.
    #[inline(always)]
    fn put(&self, stamped: Stamped) {
        let next = self.next.get();
        let mut coder = self.coder.get();
        // SAFETY: `MAX_LEN` bytes are left of a page that nobody else writes to, and no number is
        // written behind those. What is behind the event is written over by the next, which ends
        // with a number in full, too, or stays 0.
        let (control, len) = coder.put(stamped, |at, number| unsafe {
            next.add(at).cast::<u64>().write_unaligned(number.to_le());
        });
        compiler_fence(Ordering::Release);
        // SAFETY: as above.
        unsafe {
            next.cast::<u16>().write_unaligned(control.to_le());
            self.next.set(next.add(len));
        }
        self.left.set(self.left.get() - len);
        self.coder.set(coder);
    }
}
