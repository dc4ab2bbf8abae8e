//! Memory that only grows, at its end.

use core_api::{Borrowed, Fixed, Region, Source, StaticHeap};

/// A source whose regions are parts of one range of memory.
///
/// # Safety
///
/// Every returned region satisfies [`Region::new`]'s conditions for ever, lies at `from` or behind it, and is disjoint
/// from every other one. The base pointer of each region may be moved to every byte of the others. No method unwinds,
/// allocates from the heap that it serves, or otherwise calls into that heap.
pub unsafe trait Linear {
    /// Returns `len` bytes or more that were not returned before. They begin at `from`, the end of the last region, if
    /// nobody else has taken the memory there.
    fn more(&mut self, from: usize, len: usize) -> Option<Region>;
}

// SAFETY: the source hands out one region, once.
unsafe impl Linear for Fixed {
    fn more(&mut self, _: usize, len: usize) -> Option<Region> {
        self.acquire(len)
    }
}

// SAFETY: the source hands out one region, once.
unsafe impl Linear for Borrowed<'_> {
    fn more(&mut self, _: usize, len: usize) -> Option<Region> {
        self.acquire(len)
    }
}

// SAFETY: the source hands out one region, once.
unsafe impl<const N: usize> Linear for &'static StaticHeap<N> {
    fn more(&mut self, _: usize, len: usize) -> Option<Region> {
        self.acquire(len)
    }
}
