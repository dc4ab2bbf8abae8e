//! The walk over the heap: free blocks, and the ranges between them.

use core::ops::{ControlFlow, Range};

use core_api::{Block, BlockState};

use crate::heap::Heap;
use crate::linear::Linear;

/// The ranges that one pass over the lists finds.
const BATCH: usize = 32;

/// The free blocks and the open range in the order of their addresses. A range that begins within another is left out.
/// O(free blocks) for each [`BATCH`] of them.
pub(crate) struct FreeRanges<'h, S: Linear, const LISTS: usize> {
    heap: &'h Heap<S, LISTS>,
    /// Sorted; those from `n_taken` to `n_found` are still to come.
    found: [(usize, usize); BATCH],
    n_found: usize,
    n_taken: usize,
    /// Where the last range ended.
    end: usize,
}

impl<S: Linear, const LISTS: usize> FreeRanges<'_, S, LISTS> {
    /// Finds the lowest ranges from `end` on.
    fn find(&mut self) {
        let heap = self.heap;
        (self.n_found, self.n_taken) = (0, 0);
        if !heap.open.is_empty() {
            self.add(heap.open.start, heap.open.end);
        }
        for (class, &head) in heap.heads.iter().enumerate() {
            let mut block = head;
            while block != 0 {
                // SAFETY: by I3 and I4 the blocks of the list are free.
                let (len, next) = unsafe { (heap.len(block, class), heap.next(block)) };
                self.add(block, block.saturating_add(len));
                block = next;
            }
        }
    }

    /// Keeps the range if it is among the lowest.
    fn add(&mut self, start: usize, end: usize) {
        let is_full = self.n_found == BATCH;
        if start < self.end || (is_full && self.found[BATCH - 1].0 <= start) {
            return;
        }
        let mut place = self.n_found - usize::from(is_full);
        while place > 0 && self.found[place - 1].0 > start {
            self.found[place] = self.found[place - 1];
            place -= 1;
        }
        self.found[place] = (start, end);
        self.n_found += usize::from(!is_full);
    }
}

impl<S: Linear, const LISTS: usize> Iterator for FreeRanges<'_, S, LISTS> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            if self.n_taken == self.n_found {
                self.find();
            }
            let &(start, end) = self.found[..self.n_found].get(self.n_taken)?;
            self.n_taken += 1;
            if start >= self.end {
                self.end = end;
                return Some(start..end);
            }
        }
    }
}

impl<S: Linear, const LISTS: usize> Heap<S, LISTS> {
    /// Returns the free ranges in the order of their addresses.
    pub(crate) fn free_ranges(&self) -> FreeRanges<'_, S, LISTS> {
        FreeRanges {
            heap: self,
            found: [(0, 0); BATCH],
            n_found: 0,
            n_taken: 0,
            end: self.start,
        }
    }

    pub(crate) fn walk_blocks(
        &self,
        visit: &mut dyn FnMut(Block) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.end == 0 {
            return ControlFlow::Continue(());
        }
        let mut visit = |range: Range<usize>, state| match range.is_empty() {
            true => ControlFlow::Continue(()),
            false => visit(Block {
                address: range.start,
                size: range.len(),
                overhead: match state {
                    BlockState::Metadata => range.len(),
                    _ => 0,
                },
                state,
            }),
        };
        let mut used = self.start;
        for free in self.free_ranges() {
            visit(used..free.start, BlockState::Used)?;
            used = free.end;
            visit(free, BlockState::Free)?;
        }
        visit(used..self.end, BlockState::Used)
    }
}
