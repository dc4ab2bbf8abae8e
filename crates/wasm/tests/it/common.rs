//! Memory and shorthands for the tests.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{Allocator, Fixed, Inspect, Region};
use wasm::{Heap, Linear};

/// Returns `len` bytes at a multiple of 4096 that live as long as the tests.
pub(crate) fn filled(len: usize) -> Region {
    let layout = Layout::from_size_align(len.max(1), 4096).expect("a valid layout");
    // SAFETY: the layout's size is not 0.
    let base = NonNull::new(unsafe { std::alloc::alloc(layout) }).expect("memory for the test");
    // SAFETY: the memory is new, never freed, and used by nothing else.
    unsafe {
        base.write_bytes(0xA5, len);
        Region::new(base, len)
    }
}

/// A memory that grows by pages, as WebAssembly's does. Somebody else may take pages, too.
pub(crate) struct Memory {
    all: Region,
    /// Bytes that were handed out, or taken by others.
    len: usize,
}

/// Bytes of a page.
pub(crate) const PAGE: usize = 4096;

impl Memory {
    /// Returns a memory that can grow to `most` bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            all: filled(most),
            len: 0,
        }
    }

    /// Takes a page away from the heap.
    pub(crate) fn take_page(&mut self) {
        self.len += PAGE;
    }

    /// Grows by whole pages; returns the start and the length of what is new.
    fn grow(&mut self, by: usize) -> Option<(usize, usize)> {
        let by = by.checked_next_multiple_of(PAGE)?;
        let start = self.len;
        if by > self.all.len() - start {
            return None;
        }
        self.len += by;
        Some((start, by))
    }
}

// SAFETY: every region is a part of `all`, and pages are handed out once and upwards.
unsafe impl Linear for Memory {
    fn more(&mut self, _: usize, len: usize) -> Option<Region> {
        let (start, len) = self.grow(len)?;
        let (_, rest) = self.all.split_at(start)?;
        Some(rest.split_at(len)?.0)
    }
}

/// Returns a heap in a region of `len` bytes.
pub(crate) fn heap(len: usize) -> Heap<Fixed> {
    Heap::new(
        // SAFETY: the region is new, and only this heap uses it.
        unsafe { Fixed::new(filled(len)) },
    )
}

pub(crate) fn bytes(size: usize) -> Layout {
    Layout::from_size_align(size, 1).expect("a valid layout")
}

/// Allocates a block of `size` bytes.
pub(crate) fn take<S: Linear, const LISTS: usize>(
    heap: &mut Heap<S, LISTS>,
    size: usize,
) -> NonNull<u8> {
    let block = heap.allocate(bytes(size)).expect("room").cast();
    heap.check().expect("a sound heap");
    block
}

/// Frees what `take` returned.
pub(crate) fn give<S: Linear, const LISTS: usize>(
    heap: &mut Heap<S, LISTS>,
    block: NonNull<u8>,
    size: usize,
) {
    // SAFETY: the tests free each block once, with its layout.
    unsafe { heap.deallocate(block, bytes(size)) };
    heap.check().expect("a sound heap");
}
