//! Resizes blocks without a move.

use crate::classes::Classes;
use crate::heap::{Heap, length};
use crate::linear::Linear;

impl<S: Linear, const LISTS: usize> Heap<S, LISTS> {
    /// Resizes a block in place, from one requested size to another. Returns false, and changes nothing, if it cannot.
    ///
    /// # Safety
    ///
    /// The block is used, and serves a request of `old` bytes; if it shrinks, nothing uses the bytes cut off.
    pub(crate) unsafe fn resize(&mut self, block: usize, old: usize, new: usize) -> bool {
        let (old, new) = (
            Classes::<LISTS>::block_len(old),
            Classes::<LISTS>::block_len(new),
        );
        let old_end = block + old;
        if new <= old {
            // SAFETY: the caller's promise.
            unsafe { self.give(block + new..old_end) }
            return true;
        }
        if old_end != self.open.start {
            return false;
        }
        let more = new - old;
        if more > length(&self.open) {
            // Most of the heap is this block: elsewhere there is no room for it, either.
            let is_most = old > (self.end - self.start) / 2;
            if !is_most || self.open.end != self.end || !self.grow(more) {
                return false;
            }
            if old_end != self.open.start {
                // Somebody else took the memory behind, so what is open now lies elsewhere.
                return false;
            }
        }
        self.open.start += more;
        true
    }
}
