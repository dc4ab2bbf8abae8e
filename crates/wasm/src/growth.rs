//! Takes memory from the source.

use core_api::align::{round_down, round_up};

use crate::GRANULE;
use crate::heap::{Heap, length};
use crate::linear::Linear;

/// The heap grows by one part in so many of its length at first, or by what a request needs.
const PART: usize = 64;

/// Each time, the step becomes longer by one in so many of these parts. A program cannot ask what growing costs: there
/// is no clock without an import.
const PATIENCE: usize = 256;

impl<S: Linear, const LISTS: usize> Heap<S, LISTS> {
    /// Grows the heap so that the open range has at least `len` bytes; returns whether it could.
    #[inline(never)]
    pub(crate) fn grow(&mut self, len: usize) -> bool {
        let at_end = match self.open.end == self.end {
            true => length(&self.open),
            false => 0,
        };
        let step = (self.end - self.start) / (PART * PATIENCE) * (PATIENCE + self.n_grown);
        let Some(region) = self.source.more(self.end, (len - at_end).max(step)) else {
            return false;
        };
        self.n_grown += 1;
        let start = round_up(region.start(), GRANULE);
        if self.end == 0 {
            self.start = start;
        }
        let is_next = self.open.end == start;
        self.base = region.base().as_ptr();
        self.end = round_down(region.end(), GRANULE).max(start);
        if is_next {
            self.open.end = self.end;
        } else {
            let open = core::mem::replace(&mut self.open, start..self.end);
            // SAFETY: by I1 and I2 the range is the heap's, and it is open no more.
            unsafe { self.put(open) }
        }
        length(&self.open) >= len
    }
}
