//! `walk` and `check` over the heap, the table and the direct mappings.

use core::ops::ControlFlow;

use core_api::align::is_aligned;
use core_api::{Block, BlockState, Corruption, HeapStats, Inspect};

use crate::MmapHeap;
use crate::mapping::Mapping;

impl<const GRANULE: usize> MmapHeap<GRANULE> {
    fn check_reservation(&self) -> Result<(), Corruption> {
        let mapped = self.mapped();
        let whole = is_aligned(mapped.committed, os::page_size());
        if whole && mapped.committed <= mapped.reserved {
            return Ok(());
        }
        Err(Corruption::new(
            "I1: the region is whole pages, committed from the reservation's start",
            self.inner.source().mapping().start(),
        ))
    }

    /// Checks I2: stage 4's own invariants, reported by their own texts, and that the heap fills the region.
    fn check_heap(&self, stats: HeapStats) -> Result<(), Corruption> {
        self.inner.check()?;
        let unused = self.mapped().committed.checked_sub(stats.heap);
        if unused.is_some_and(|unused| unused < 2 * GRANULE) {
            return Ok(());
        }
        Err(Corruption::new(
            "I2: stage 4's heap fills the region",
            self.inner.source().mapping().start(),
        ))
    }
}

impl<const GRANULE: usize> Inspect for MmapHeap<GRANULE> {
    /// Visits the heap's region, then the table, then each direct mapping as a region of one block.
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        self.inner.walk(visit)?;
        let table = self.direct.table();
        if table.len() > 0 {
            visit(block(table, BlockState::Metadata))?;
        }
        self.direct
            .iter()
            .try_for_each(|mapping| visit(block(mapping, BlockState::Used)))
    }

    /// O(blocks + mappings²).
    fn check(&self) -> Result<(), Corruption> {
        let stats = self.inner.stats();
        self.check_reservation()?;
        self.check_heap(stats)?;
        self.direct.check(self.inner.source().mapping())?;
        self.retention.check(stats.used)
    }
}

fn block(mapping: Mapping, state: BlockState) -> Block {
    let size = mapping.len();
    Block {
        address: mapping.start(),
        size,
        overhead: if state == BlockState::Used { 0 } else { size },
        state,
    }
}
