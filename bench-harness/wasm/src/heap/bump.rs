//! The least allocator: it moves a pointer, and frees nothing. The sizes of the others are counted from its.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr::null_mut;

use super::memory::{PAGE, grow};

pub(crate) struct Bump {
    next: Cell<*mut u8>,
    /// Bytes from `next` on that were not handed out.
    rest: Cell<usize>,
}

impl Bump {
    pub(crate) const fn new() -> Self {
        Self {
            next: Cell::new(null_mut()),
            rest: Cell::new(0),
        }
    }
}

// SAFETY: the program has one thread.
unsafe impl Sync for Bump {}

// SAFETY: blocks lie one behind the other in memory that was grown for them.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut pad = self.next.get().addr().wrapping_neg() & (layout.align() - 1);
        if pad + layout.size() > self.rest.get() {
            let n_pages = layout.size().div_ceil(PAGE);
            let Some(first) = grow(n_pages) else {
                return null_mut();
            };
            self.next.set(first);
            self.rest.set(n_pages * PAGE);
            pad = 0;
        }
        let block = self.next.get().wrapping_add(pad);
        self.next.set(block.wrapping_add(layout.size()));
        self.rest.set(self.rest.get() - pad - layout.size());
        block
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
