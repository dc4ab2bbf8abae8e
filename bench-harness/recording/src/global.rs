//! A global allocator that records.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;

use crate::log::append;
use crate::raw::{Event, Kind};

/// Forwards to another allocator and records every call, with its whole layout.
///
/// It costs two comparisons a call in a process that is not recorded.
#[derive(Debug, Default)]
pub struct Recording<A> {
    inner: A,
}

impl<A> Recording<A> {
    /// Records the calls to `inner`.
    pub const fn new(inner: A) -> Self {
        Self { inner }
    }
}

/// Records an allocated block and returns it. A failed call leaves no event.
fn allocated(kind: Kind, block: *mut u8, layout: Layout) -> *mut u8 {
    if let Some(block) = NonNull::new(block) {
        append(event(kind, block.as_ptr(), layout));
    }
    block
}

fn event(kind: Kind, block: *mut u8, layout: Layout) -> Event {
    Event {
        kind,
        address: block.addr() as u64,
        size: layout.size() as u64,
        align: Some(layout.align().trailing_zeros() as u8),
        is_sized: true,
    }
}

// SAFETY: every method passes the caller's promise on and returns the result of `inner`.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Recording<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let block = unsafe { self.inner.alloc(layout) };
        allocated(Kind::Allocate, block, layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let block = unsafe { self.inner.alloc_zeroed(layout) };
        allocated(Kind::AllocateZeroed, block, layout)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        append(event(Kind::Free, block, layout));
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        append(event(Kind::ResizeBegin, block, layout));
        // SAFETY: the caller's promise is passed on.
        let resized = unsafe { self.inner.realloc(block, layout, new_size) };
        append(Event {
            size: new_size as u64,
            ..event(Kind::ResizeEnd, resized, layout)
        });
        resized
    }
}
