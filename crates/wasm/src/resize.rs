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
        let old_end = block + Classes::<LISTS>::block_len(old);
        let new_end = block.saturating_add(Classes::<LISTS>::block_len(new));
        if new_end <= old_end {
            // SAFETY: the caller's promise.
            unsafe { self.give(new_end..old_end) }
            return true;
        }
        if old_end != self.open.start {
            return false;
        }
        let more = new_end - old_end;
        // Most of the heap is this block: elsewhere there is no room for it, either.
        let is_most = (old_end - block) * 2 > self.end - self.start;
        let at_end = self.open.end == self.end;
        if more > length(&self.open) && !(is_most && at_end && self.grow(more)) {
            return false;
        }
        // The range that grew is still the one behind the block, unless memory was found elsewhere.
        let is_behind = self.open.start == old_end;
        if is_behind {
            self.open.start = new_end;
        }
        is_behind
    }
}
