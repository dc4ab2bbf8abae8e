//! The walk over the heap: free blocks, and the ranges between them.

use core::ops::{ControlFlow, Range};

use core_api::{Block, BlockState};

use crate::heap::Heap;
use crate::linear::Linear;

impl<S: Linear, const LISTS: usize> Heap<S, LISTS> {
    /// Returns the lowest free block, or open range, that begins at `address` or behind it. O(free blocks).
    pub(crate) fn free_from(&self, address: usize) -> Option<Range<usize>> {
        let open = Some(self.open.clone()).filter(|open| !open.is_empty() && open.start >= address);
        let mut lowest = open.unwrap_or(usize::MAX..usize::MAX);
        for (class, &head) in self.heads.iter().enumerate() {
            let mut block = head;
            while block != 0 {
                // SAFETY: by I3 and I4 the blocks of the list are free.
                unsafe {
                    if address <= block && block < lowest.start {
                        lowest = block..block.saturating_add(self.len(block, class));
                    }
                    block = self.next(block);
                }
            }
        }
        (lowest.start != usize::MAX).then_some(lowest)
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
        while let Some(free) = self.free_from(used) {
            visit(used..free.start, BlockState::Used)?;
            used = free.end;
            visit(free, BlockState::Free)?;
        }
        visit(used..self.end, BlockState::Used)
    }
}
