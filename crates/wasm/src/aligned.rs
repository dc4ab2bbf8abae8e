//! Blocks whose alignment is larger than a granule.

use core_api::align::round_up;

use crate::GRANULE;
use crate::heap::Heap;
use crate::linear::Linear;

impl<S: Linear, const LISTS: usize> Heap<S, LISTS> {
    /// Takes `len` bytes, whole granules, at a multiple of `align`. What lies before and behind them in the block that
    /// they are cut from stays free.
    #[inline(never)]
    pub(crate) fn take_aligned(&mut self, len: usize, align: usize) -> Option<usize> {
        let whole = len.checked_add(align - GRANULE)?;
        let found = self.take(whole)?;
        let block = round_up(found, align);
        // SAFETY: `take` returned the bytes just now, and nothing uses them.
        unsafe {
            self.put(found..block);
            self.give(block + len..found + whole);
        }
        Some(block)
    }
}
