//! The page that a thread is filling.

use core::cell::Cell;
use core::ptr::{self, NonNull};
use core::sync::atomic::{Ordering, compiler_fence};

use crate::coder::{Coder, MAX_LEN, SHORT_LEN};
use crate::raw::{HEAD_LEN, PAGE_LEN, Stamped};

/// A page to which no other thread writes, in a shared mapping that is never unmapped.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    /// The place of its first event.
    pub first: NonNull<u8>,
    /// The time when the thread took the page.
    pub ticks: u64,
}

/// The place of a thread's next event.
struct Cursor {
    next: Cell<*mut u8>,
    /// Bytes from there to the end of the page.
    left: Cell<usize>,
    coder: Cell<Coder>,
    /// The number of the page's log: a forked child inherits its parent's cursor, but has a log of its own.
    log: Cell<u64>,
    is_busy: Cell<bool>,
}

thread_local! {
    static CURSOR: Cursor = const { Cursor::new() };
}

/// Writes the event of `stamp` to the calling thread's page, or to a new page from `take_page`. The page
/// belongs to the log with the number `log`.
///
/// A signal handler may interrupt this at any point and record calls itself. It finds the cursor busy and
/// takes a new page for each call.
#[inline(always)]
pub(crate) fn write(
    log: u64,
    take_page: impl FnOnce() -> Option<Page>,
    stamp: impl FnOnce() -> Stamped,
) {
    // SAFETY: the thread-local value has no destructor, so it lives as long as its thread.
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
        // SAFETY: `MAX_LEN` bytes are left in the page, and no other thread writes to it.
        unsafe {
            let next = self.next.get().cast::<u64>();
            next.write_unaligned(short.to_le());
        }
        self.follow(stamped, SHORT_LEN);
    }

    /// Writes an event in the long form, its first bytes last, so that the event is whole or absent.
    #[cold]
    #[inline(never)]
    fn put_long(&self, stamped: Stamped) {
        let next = self.next.get();
        // SAFETY: `MAX_LEN` bytes are left in the page, no other thread writes to it, and no number reaches
        // beyond them. The bytes behind the event stay 0.
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
