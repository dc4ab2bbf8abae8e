//! How each stage gives memory back to the system.

use coalescing::CoalescingHeap;
use fit_strategies::Fit;
use freelist::FreeList;
use mmap_backed::MmapHeap;

use crate::prefixed::Prefixed;
use crate::source::Reserved;

/// A stage that may give memory back; by default it gives none.
pub(crate) trait Trim {
    /// Gives free memory back to the system and returns an upper bound of the bytes.
    fn trim(&mut self) -> usize {
        0
    }
}

impl Trim for Prefixed {}
impl Trim for FreeList<Reserved> {}
impl<P: Fit> Trim for fit_strategies::FitHeap<Reserved, P> {}
impl Trim for CoalescingHeap<Reserved, 16> {}

impl Trim for MmapHeap<16> {
    fn trim(&mut self) -> usize {
        self.purge()
    }
}
