//! Allocating: take a block from a list or from the top, and split it.

use core_api::Source;

use crate::heap::{HeaderlessHeap, MIN_SIZE};
use crate::lists::Found;
use crate::{Granules, Offset};

impl<S: Source> HeaderlessHeap<S> {
    /// Takes a block of exactly `size` granules. O(1).
    #[inline]
    pub(crate) fn take(&mut self, size: Granules) -> Option<Offset> {
        match self.find(size) {
            // SAFETY: `find` returns listed blocks that are large enough.
            Some(found) => Some(unsafe { self.take_found(found, size) }),
            None => self.take_top(size).or_else(|| self.take_last(size)),
        }
    }

    /// As [`take`](Self::take), after the first search of the lists and the top have failed.
    #[cold]
    fn take_last(&mut self, size: Granules) -> Option<Offset> {
        if let Some(found) = self.find_last(size) {
            // SAFETY: `find_last` returns listed blocks that are large enough.
            return Some(unsafe { self.take_found(found, size) });
        }
        self.acquire().then(|| self.take_top(size)).flatten()
    }

    /// Takes the first `size` granules of a listed block; the rest stays free.
    ///
    /// # Safety
    ///
    /// `found` is in a list and has at least `size` granules.
    #[inline]
    unsafe fn take_found(&mut self, found: Found, size: Granules) -> Offset {
        // SAFETY: the block is in a list by the caller's promise. If a rest stays free, the first edge moves to
        // the start of the rest; else both edges are cleared (I2).
        unsafe {
            self.unlink(found.block);
            self.memory.clear_edge(found.block);
            let rest = found.block + size;
            if found.size == size {
                self.memory.clear_edge(rest - 1);
            } else {
                self.memory.set_edge(rest);
                self.enter(rest, found.size - size);
            }
        }
        found.block
    }

    /// Takes a block of `size` granules from the top, if the top has them.
    #[inline]
    pub(crate) fn take_top(&mut self, size: Granules) -> Option<Offset> {
        if self.top_size() < size {
            return None;
        }
        let block = self.top;
        self.top = block + size;
        Some(block)
    }

    /// Takes a free block out of its list, if it is in one, and clears its edges.
    ///
    /// # Safety
    ///
    /// `found` is a free block with its size.
    #[inline]
    pub(crate) unsafe fn remove(&mut self, found: Found) {
        // SAFETY: the block is free by the caller's promise; by I5 it is in a list if it has room for links.
        unsafe {
            if found.size >= MIN_SIZE {
                self.unlink(found.block);
            }
            self.memory.clear_edge(found.block);
            self.memory.clear_edge(found.block + found.size - 1);
        }
    }

    /// Acquires a region from the source and lays it out, if the heap has none yet. Returns whether it did.
    #[cold]
    pub(crate) fn acquire(&mut self) -> bool {
        if !self.region.is_empty() {
            return false;
        }
        let Some(region) = self.source.acquire(1) else {
            return false;
        };
        let is_long_enough = self.lay_out(region);
        if !is_long_enough {
            // SAFETY: the source returned the region just now, and nothing refers to it.
            unsafe { self.source.release(region) }
        }
        is_long_enough
    }
}
