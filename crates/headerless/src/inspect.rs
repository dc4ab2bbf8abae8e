//! The walk over the heap: free blocks, and the ranges between them.
//!
//! Used blocks store no bounds, so the walk shows adjacent used blocks as one. An edge bit says that a free
//! block begins in one of two granules, but not in which. A free knows which, because its own block ends
//! there. The walk does not know, and decides by the tags.

use core::ops::ControlFlow;

use core_api::{Block, BlockState, Corruption, Inspect, Source};

use crate::heap::{HeaderlessHeap, MIN_SIZE};
use crate::lists::Found;
use crate::memory::PAIR;
use crate::{GRANULE, Granules, Offset};

impl<S: Source> HeaderlessHeap<S> {
    /// Iterates over the free blocks in front of the top, in address order. O(heap / 1024), and O(1) for each
    /// block.
    pub(crate) fn free_blocks(&self) -> impl Iterator<Item = Found> {
        // A used block lies between two free ones (I4).
        let after = |found: &Found| (found.block + found.size).saturating_add(MIN_SIZE);
        core::iter::successors(self.free_from(self.first), move |found| {
            self.free_from(after(found))
        })
    }

    /// Returns the first free block that begins at `offset` or behind it.
    pub(crate) fn free_from(&self, offset: Offset) -> Option<Found> {
        // SAFETY: by I1 the region has granules up to the top.
        let even = unsafe { self.memory.next_edge(offset, self.top) }?;
        let odd = even + 1;
        let block = match even < offset || self.looks_free(odd) {
            true => odd,
            false => even,
        };
        let room = self.top.checked_sub(block)?;
        // SAFETY: the granule lies below the top, where the heap wrote every granule or handed it out.
        let size = unsafe { self.memory.size(block) };
        (0 < size && size <= room).then_some(Found { block, size })
    }

    /// Returns true if the second granule of a pair with an edge looks like the first granule of a free block:
    /// its tags, links and edge bits agree.
    fn looks_free(&self, block: Offset) -> bool {
        if block >= self.top {
            return false;
        }
        // SAFETY: the granule lies below the top. The size is compared with the top before it is followed.
        unsafe {
            let size = self.memory.size(block);
            if size == 0 || size > self.top - block {
                return false;
            }
            let last = block + size - 1;
            let next_edge = || self.memory.next_edge(block + 1, self.top);
            // The bits come first: if they rule the block out, the code reads no payload.
            (last == block || next_edge() == Some(last - last % PAIR))
                && self.memory.size_before(block + size) == size
                && self.is_linked(block, size)
        }
    }

    /// Returns true if the list neighbours of a free block of `size` granules link back to it, or if it is too
    /// small for a list.
    ///
    /// # Safety
    ///
    /// The granules lie among the blocks, below the top.
    unsafe fn is_linked(&self, block: Offset, size: Granules) -> bool {
        if size < MIN_SIZE {
            return true;
        }
        // SAFETY: the granules lie below the top by the caller's promise. The code follows a link only if it leads
        // below the top, where heads, bits and blocks are.
        unsafe {
            let (next, previous) = (self.memory.next(block), self.memory.previous(block));
            let is_inside = next < self.top && previous < self.top;
            is_inside && self.memory.previous(next) == block && self.memory.next(previous) == block
        }
    }

    fn range(&self, from: Offset, to: Offset, state: BlockState) -> Block {
        let size = (to - from) as usize * GRANULE;
        Block {
            address: self.address_of(from),
            size,
            overhead: if state == BlockState::Metadata {
                size
            } else {
                0
            },
            state,
        }
    }
}

impl<S: Source> Inspect for HeaderlessHeap<S> {
    /// Visits the metadata; then, in turn, the used blocks up to the next free one, *as one block*, and that
    /// free block.
    ///
    /// If the payload beside a pad begins or ends with a copy of a pad (two words of 1), the walk may show the
    /// pad at the place of the copy. The same is possible for a larger free block, if a copy also has its links.
    /// This affects only the walk and `check`, not the heap.
    ///
    /// To decide between the granules of a pair, the walk reads the first and the last words of used blocks
    /// beside free ones. It is meant for tests and measurements: nothing may write to these blocks meanwhile.
    /// The words of a block that was never written may have any value.
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        if self.region.is_empty() {
            return ControlFlow::Continue(());
        }
        let bytes = |address, end| Block {
            address,
            size: end - address,
            overhead: end - address,
            state: BlockState::Metadata,
        };
        visit(bytes(self.region.start(), self.address_of(self.first)))?;
        let mut used = self.first;
        for found in self.free_blocks() {
            self.visit_used(used, found.block, visit)?;
            used = found.block + found.size;
            let state = match found.size < MIN_SIZE {
                true => BlockState::Metadata,
                false => BlockState::Free,
            };
            visit(self.range(found.block, used, state))?;
        }
        self.visit_used(used, self.top, visit)?;
        if self.top < self.end {
            visit(self.range(self.top, self.end, BlockState::Free))?;
        }
        visit(bytes(self.address_of(self.end), self.region.end()))
    }

    fn check(&self) -> Result<(), Corruption> {
        self.check_invariants()
    }
}

impl<S: Source> HeaderlessHeap<S> {
    fn visit_used(
        &self,
        from: Offset,
        to: Offset,
        visit: &mut dyn FnMut(Block) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        match from < to {
            true => visit(self.range(from, to, BlockState::Used)),
            false => ControlFlow::Continue(()),
        }
    }
}
