//! Larger and smaller blocks without a move.

use core_api::Source;

use crate::heap::Heap;
use crate::{Granules, Offset};

impl<S: Source> Heap<S> {
    /// Makes `block` exactly `new` granules where it is; false if it cannot, and is unchanged. O(1).
    ///
    /// # Safety
    ///
    /// `block` is a used block of `old` granules; if it becomes smaller, nobody uses what is cut off.
    #[inline]
    pub(crate) unsafe fn resize(&mut self, block: Offset, old: Granules, new: Granules) -> bool {
        // SAFETY: the caller's promise; what is cut off is the end of a used block.
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

    /// Takes the `more` granules from `end` on, if they are free.
    ///
    /// # Safety
    ///
    /// A used block ends before `end`; from here on the granules are its.
    unsafe fn extend(&mut self, end: Offset, more: Granules) -> bool {
        if end == self.top {
            return self.take_top(more).is_some();
        }
        // SAFETY: the caller's promise: a block begins at `end`, and it is below the top.
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
