//! The page that a thread is filling.

use core::cell::Cell;
use core::ptr::{self, NonNull};
use core::sync::atomic::{Ordering, compiler_fence};

use crate::coder::{Coder, MAX_LEN, SHORT_LEN};
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
#[inline(always)]
pub(crate) fn write(
    log: u64,
    take_page: impl FnOnce() -> Option<Page>,
    stamp: impl FnOnce() -> Stamped,
) {
    // SAFETY: without a destructor it stays as long as its thread.
    let cursor = unsafe { &*CURSOR.with(ptr::from_ref) };
    if cursor.is_busy.replace(true) {
        return Cursor::new().write(log, take_page, stamp);
    }
    compiler_fence(Ordering::SeqCst);
    cursor.write(log, take_page, stamp);
    compiler_fence(Ordering::SeqCst);
    cursor.is_busy.set(false);
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

    #[inline(always)]
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
        let stamped = stamp();
        match self.coder.get().short(stamped) {
            Some(short) => self.put(short, stamped),
            None => self.put_long(stamped),
        }
    }

    #[cold]
    fn begin(&self, log: u64, page: Page) {
        self.log.set(log);
        self.next.set(page.first.as_ptr());
        self.left.set(PAGE_LEN - HEAD_LEN);
        self.coder.set(Coder::new(page.ticks));
    }

    #[inline(always)]
    fn put(&self, short: u64, stamped: Stamped) {
        // SAFETY: `MAX_LEN` bytes are left of a page that nobody else writes to.
        unsafe {
            let next = self.next.get().cast::<u64>();
            next.write_unaligned(short.to_le());
        }
        self.follow(stamped, SHORT_LEN);
    }

    /// Writes the first bytes last: an event is whole or absent.
    #[cold]
    #[inline(never)]
    fn put_long(&self, stamped: Stamped) {
        let next = self.next.get();
        // SAFETY: `MAX_LEN` bytes are left of a page that nobody else writes to, and no number is
        // written behind those. What is behind the event stays 0.
        let (control, len) = self.coder.get().long(stamped, |at, number| unsafe {
            next.add(at).cast::<u64>().write_unaligned(number.to_le());
        });
        compiler_fence(Ordering::Release);
        // SAFETY: as above.
        unsafe { next.cast::<u16>().write_unaligned(control.to_le()) };
        self.follow(stamped, len);
    }

    #[inline(always)]
    fn follow(&self, stamped: Stamped, len: usize) {
        self.next.set(self.next.get().wrapping_add(len));
        self.left.set(self.left.get() - len);
        self.coder.set(self.coder.get().after(stamped));
    }
}
