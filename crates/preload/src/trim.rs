//! What each stage can give back to the system.

use coalescing::Heap;
use fit_strategies::Fit;
use freelist::FreeList;
use mmap_backed::MmapHeap;

use crate::prefixed::Prefixed;
use crate::source::Reserved;

/// A stage's way to give memory back: none, unless it says otherwise.
pub(crate) trait Trim {
    /// Gives back what is free, and returns how many bytes that was at most.
    fn trim(&mut self) -> usize {
        0
    }
}

impl Trim for Prefixed {}
impl Trim for FreeList<Reserved> {}
impl<P: Fit> Trim for fit_strategies::Heap<P, Reserved> {}
impl Trim for Heap<Reserved, 16> {}

impl Trim for MmapHeap<16> {
    fn trim(&mut self) -> usize {
        self.purge()
    }
}
