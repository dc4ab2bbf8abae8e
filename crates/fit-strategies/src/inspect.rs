//! Looking into the heap: the walk, and the invariants one by one.

use core::fmt;
use core::ops::ControlFlow;

use core_api::{Block, BlockState, Corruption, Inspect, Source};

use crate::fit::Fit;
use crate::free_list::END;
use crate::heap::FitHeap;
use crate::order::Order;

const I1: &str = "I1: blocks tile the heap: every header is valid and the last block ends the heap";
const I2: &str = "I2: the free list holds every free block exactly once, and nothing else";
const I3: &str = "I3: a list in address order is sorted by address";
const I4: &str = "I4: the list's byte count is the sum of its blocks' sizes";
const I5: &str = "I5: the rover is the list's end or a block of the list";

impl<S: Source, P: Fit, O: Order> Inspect for FitHeap<S, P, O> {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        let region = self.tiling.region();
        if region.is_empty() {
            return ControlFlow::Continue(());
        }
        edge(region.start(), self.tiling.start(), visit)?;
        self.tiling.blocks().try_for_each(&mut *visit)?;
        edge(self.tiling.end(), region.end(), visit)
    }

    /// Tests I1 to I5 in order. O(blocks).
    fn check(&self) -> Result<(), Corruption> {
        self.check_tiling()?;
        self.check_list()?;
        self.check_order()?;
        self.check_bytes()?;
        self.check_rover()
    }
}

/// Visits the bytes outside the tiling, where the region is not aligned.
fn edge(
    start: usize,
    end: usize,
    visit: &mut dyn FnMut(Block) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if start >= end {
        return ControlFlow::Continue(());
    }
    visit(Block {
        address: start,
        size: end - start,
        overhead: end - start,
        state: BlockState::Metadata,
    })
}

impl<S: Source, P: Fit, O: Order> FitHeap<S, P, O> {
    fn check_tiling(&self) -> Result<(), Corruption> {
        let last = self.tiling.blocks().last();
        let end = last.map_or(self.tiling.start(), |block| block.end());
        holds(end == self.tiling.end(), I1, end)
    }

    /// Compares the set of blocks in the list with the set of free blocks in the walk.
    fn check_list(&self) -> Result<(), Corruption> {
        let free = self.tiling.blocks().filter(is_free);
        let (n_free, walked) = free.fold((0, 0), |(n, sum), block| (n + 1, add_key(sum, &block)));
        let (mut link, mut n_listed, mut listed) = (END, 0, 0);
        loop {
            let next = self.list.next_link(&self.tiling, link);
            if next == END {
                break;
            }
            let block = self.tiling.block_at(next).filter(is_free);
            let Some(block) = block.filter(|_| n_listed < n_free) else {
                return broken(I2, next);
            };
            (n_listed, listed) = (n_listed + 1, add_key(listed, &block));
            link = next;
        }
        holds(n_listed == n_free && listed == walked, I2, link)
    }

    fn check_order(&self) -> Result<(), Corruption> {
        let mut last = END;
        for block in self.list.blocks(&self.tiling) {
            holds(!O::SORTED || block.address > last, I3, block.address)?;
            last = block.address;
        }
        Ok(())
    }

    fn check_bytes(&self) -> Result<(), Corruption> {
        let sizes = self.list.blocks(&self.tiling).map(|block| block.size);
        holds(
            sizes.sum::<usize>() == self.list.bytes(),
            I4,
            self.tiling.start(),
        )
    }

    fn check_rover(&self) -> Result<(), Corruption> {
        let rover = self.list.rover();
        let mut blocks = self.list.blocks(&self.tiling);
        let listed = rover == END || blocks.any(|block| block.address == rover);
        holds(listed, I5, rover)
    }
}

fn holds(invariant_holds: bool, invariant: &'static str, address: usize) -> Result<(), Corruption> {
    if invariant_holds {
        Ok(())
    } else {
        broken(invariant, address)
    }
}

fn broken(invariant: &'static str, address: usize) -> Result<(), Corruption> {
    Err(Corruption::new(invariant, address))
}

fn is_free(block: &Block) -> bool {
    block.state == BlockState::Free
}

/// Adds a block to a sum that stands for a set of blocks: sets that differ have different sums,
/// but for one chance in 2^64.
fn add_key(sum: u64, block: &Block) -> u64 {
    let spread = (block.address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    sum.wrapping_add((spread ^ (spread >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9))
}

impl<S: Source, P: Fit, O: Order> fmt::Debug for FitHeap<S, P, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FitHeap")
            .field("region", &self.tiling.region())
            .field("split_threshold", &self.split_threshold())
            .field("stats", &self.stats())
            .finish()
    }
}
