//! Resizes blocks without a move.

use core_api::Source;

use crate::heap::HeaderlessHeap;
use crate::{Granules, Offset};

impl<S: Source> HeaderlessHeap<S> {
    /// Resizes `block` in place to exactly `new` granules. Returns false, and changes nothing, if it cannot.
    /// O(1).
    ///
    /// # Safety
    ///
    /// `block` is a used block of `old` granules; if it shrinks, the caller does not use the bytes cut off.
    #[inline]
    pub(crate) unsafe fn resize(&mut self, block: Offset, old: Granules, new: Granules) -> bool {
        // SAFETY: `block` is used by the caller's promise. The granules cut off are its end, the granule before
        // them is used, and nothing uses them any more.
        unsafe {
            if new > old {
                return self.extend(block + old, new - old);
            }
            if new < old {
                self.release(block + new, block + old, None);
            }
        }
        true
    }

    /// Takes the `more` granules from `end` on, if they are free; returns whether they are.
    ///
    /// # Safety
    ///
    /// A used block ends before `end`; after a success it owns the granules.
    unsafe fn extend(&mut self, end: Offset, more: Granules) -> bool {
        if end == self.top {
            return self.take_top(more).is_some();
        }
        // SAFETY: a used block ends before `end` by the caller's promise, and `end` is below the top, so a block
        // begins there (I1).
        unsafe {
            let Some(next) = self.free_at(end) else {
                return false;
            };
            let Some(rest) = next.size.checked_sub(more) else {
                return false;
            };
            self.remove(next);
            self.give(end + more, rest);
        }
        true
    }
}
