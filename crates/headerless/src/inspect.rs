//! The walk over the heap: free blocks, and what lies between them.
//!
//! Used blocks have no bounds that anyone could read, so the walk shows each stretch of them as one. And
//! an edge bit says that a free block begins in one of two granules, not in which. The heap never has
//! to ask, since it comes from a block that ends there; the walk comes from nowhere, and believes the
//! tags.

use core::ops::ControlFlow;

use core_api::{Block, BlockState, Corruption, Inspect, Source};

use crate::heap::{Heap, MIN_SIZE};
use crate::lists::Found;
use crate::memory::PAIR;
use crate::{GRANULE, Granules, Offset};

impl<S: Source> Heap<S> {
    /// The free blocks in front of the top, in address order. O(heap / 1024) beside the blocks.
    pub(crate) fn free_blocks(&self) -> impl Iterator<Item = Found> {
        // A used block comes between two.
        let after = |found: &Found| (found.block + found.size).saturating_add(MIN_SIZE);
        core::iter::successors(self.free_from(self.first), move |found| {
            self.free_from(after(found))
        })
    }

    /// The first free block that begins at `offset` or behind it.
    pub(crate) fn free_from(&self, offset: Offset) -> Option<Found> {
        // SAFETY: the region has granules up to the top.
        let even = unsafe { self.memory.next_edge(offset, self.top) }?;
        let odd = even + 1;
        let block = match even < offset || self.looks_free(odd) {
            true => odd,
            false => even,
        };
        let room = self.top.checked_sub(block)?;
        // SAFETY: the granule is below the top, where every granule was written or handed out.
        let size = unsafe { self.memory.size(block) };
        (0 < size && size <= room).then_some(Found { block, size })
    }

    /// Whether the second granule of a pair with an edge has everything that the first one of a free
    /// block has.
    fn looks_free(&self, block: Offset) -> bool {
        if block >= self.top {
            return false;
        }
        // SAFETY: the granule is below the top, and so are all that the size leads to.
        unsafe {
            let size = self.memory.size(block);
            if size == 0 || size > self.top - block {
                return false;
            }
            let last = block + size - 1;
            let next_edge = || self.memory.next_edge(block + 1, self.top);
            // The bits first: what they rule out is not looked at.
            (last == block || next_edge() == Some(last - last % PAIR))
                && self.memory.size_before(block + size) == size
                && self.is_linked(block, size)
        }
    }

    /// Whether the neighbours in the list of a free block of `size` granules know it, if it is in one.
    ///
    /// # Safety
    ///
    /// The granules lie among the blocks, below the top.
    unsafe fn is_linked(&self, block: Offset, size: Granules) -> bool {
        if size < MIN_SIZE {
            return true;
        }
        // SAFETY: the caller's promise; a link is followed if it leads below the top, where heads and
        // blocks are.
        unsafe {
            let (next, previous) = (self.memory.next(block), self.memory.previous(block));
            let is_inside = next < self.top && previous < self.top;
            is_inside && self.memory.previous(next) == block && self.memory.next(previous) == block
        }
    }

    fn stretch(&self, from: Offset, to: Offset, state: BlockState) -> Block {
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

impl<S: Source> Inspect for Heap<S> {
    /// Visits the metadata, then in turn the used blocks up to the next free one, *as one block*, and
    /// that free one.
    ///
    /// A pad beside a payload that ends or begins with a copy of a pad, two words of 1, may be shown
    /// where the copy is; so may another free block, if a copy has its links, too. That concerns who
    /// looks at the heap, here or by `check`, and not the heap.
    ///
    /// To tell which granule of a pair it is, the walk looks at the first and the last words of used blocks
    /// beside free ones. It is meant for tests and measurements: nobody may write to their blocks meanwhile,
    /// and a block that was never written to may be anything.
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
            visit(self.stretch(found.block, used, state))?;
        }
        self.visit_used(used, self.top, visit)?;
        if self.top < self.end {
            visit(self.stretch(self.top, self.end, BlockState::Free))?;
        }
        visit(bytes(self.address_of(self.end), self.region.end()))
    }

    fn check(&self) -> Result<(), Corruption> {
        self.check_invariants()
    }
}

impl<S: Source> Heap<S> {
    fn visit_used(
        &self,
        from: Offset,
        to: Offset,
        visit: &mut dyn FnMut(Block) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        match from < to {
            true => visit(self.stretch(from, to, BlockState::Used)),
            false => ControlFlow::Continue(()),
        }
    }
}
