//! The walk over all blocks.

use core::ops::ControlFlow;

use core_api::{Block, BlockState, Corruption, Inspect, Region, Source};

use crate::Offset;
use crate::heap::CoalescingHeap;
use crate::merging::Merging;

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    /// Visits one region: the bytes before its first block, its blocks, the bytes after them.
    fn walk_region(
        &self,
        region: Region,
        visit: &mut dyn FnMut(Block) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(span) = self.regions.span(region) else {
            return visit(metadata(region.start(), region.end()));
        };
        visit(metadata(region.start(), self.block_address(span.first)))?;
        let mut block = span.first;
        while block < span.end {
            let seen = self.block_at(block, span.end);
            visit(seen)?;
            block += ((seen.size / GRANULE) as Offset).max(1);
        }
        visit(metadata(self.block_address(block), region.end()))
    }

    /// Returns the address of a block's header.
    pub(crate) fn block_address(&self, block: Offset) -> usize {
        self.regions.address_of(block) - Self::HEADER
    }

    /// Describes the block with the payload at `block`; `end` bounds its size.
    fn block_at(&self, block: Offset, end: Offset) -> Block {
        // SAFETY: by I1 the walk goes from block to block, so `block` has a header.
        let header = unsafe { self.regions.header(block) };
        let size = if block == self.top {
            self.top_size()
        } else {
            // SAFETY: `block` lies before the end of its region, and `header` is its own.
            unsafe { self.size_of(block, header) }.min(end - block)
        };
        let is_used = header.is_used() && !self.is_deferred(header);
        let (state, overhead) = match (is_used, size) {
            (true, _) => (BlockState::Used, Self::HEADER),
            (false, _) if !Self::is_listed(size) => (BlockState::Metadata, size as usize * GRANULE),
            (false, _) => (BlockState::Free, Self::HEADER),
        };
        Block {
            address: self.block_address(block),
            size: size as usize * GRANULE,
            overhead,
            state,
        }
    }
}

/// Describes bytes that belong to no block.
fn metadata(start: usize, end: usize) -> Block {
    Block {
        address: start,
        size: end - start,
        overhead: end - start,
        state: BlockState::Metadata,
    }
}

impl<S: Source, const GRANULE: usize, M: Merging> Inspect for CoalescingHeap<S, GRANULE, M> {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        self.regions
            .iter()
            .try_for_each(|region| self.walk_region(region, visit))
    }

    fn check(&self) -> Result<(), Corruption> {
        self.check_invariants()
    }
}
