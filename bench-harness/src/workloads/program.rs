//! A program in the making: its calls, its live blocks and its random numbers.

use super::VERSION;
use super::random::Random;
use crate::trace::{BlockId, Builder, Origin, PLAIN_ALIGN, Provenance, Trace};

/// A block that the program holds by name; it is not among those that die at random.
pub(super) type Held = BlockId;

/// Makes calls until there are enough.
pub(super) struct Program {
    builder: Builder,
    /// The live blocks, in an order that frees disturb.
    blocks: Vec<BlockId>,
    pub(super) random: Random,
    seed: u64,
    n_ops: usize,
}

impl Program {
    /// A program that is to make `n_ops` calls.
    pub(super) fn new(seed: u64, n_ops: usize) -> Self {
        Self {
            builder: Builder::new(),
            blocks: Vec::new(),
            random: Random::new(seed),
            seed,
            n_ops,
        }
    }

    /// Whether more calls are wanted.
    pub(super) fn goes_on(&self) -> bool {
        self.builder.n_ops() < self.n_ops
    }

    /// How many blocks are live.
    pub(super) fn n_live(&self) -> usize {
        self.blocks.len()
    }

    pub(super) fn allocate(&mut self, size: usize) {
        self.allocate_aligned(size, PLAIN_ALIGN);
    }

    pub(super) fn allocate_aligned(&mut self, size: usize, align: u32) {
        let block = self.builder.allocate_with(size, align, false);
        self.blocks.push(block.expect("fewer than 2^32 calls"));
    }

    /// Frees the block at `index` of the live ones; the last one takes its place.
    pub(super) fn free(&mut self, index: usize) {
        let block = self.blocks.swap_remove(index);
        self.builder.free(block).expect("a live block");
    }

    /// Frees all live blocks in the order in which they stand.
    pub(super) fn free_all(&mut self) {
        for block in std::mem::take(&mut self.blocks) {
            self.release(block);
        }
    }

    /// Allocates a block that is freed by [`release`](Self::release) alone.
    pub(super) fn hold(&mut self, size: usize) -> Held {
        self.builder.allocate(size).expect("fewer than 2^32 calls")
    }

    /// Frees a block that is held.
    pub(super) fn release(&mut self, block: Held) {
        self.builder.free(block).expect("a live block");
    }

    /// Allocates a block that stays to the end.
    pub(super) fn keep(&mut self, size: usize) {
        self.hold(size);
    }

    /// Frees one block, each as likely as another.
    pub(super) fn free_any(&mut self) {
        let index = self.random.below(self.blocks.len());
        self.free(index);
    }

    /// Resizes the block at `index` of the live ones.
    pub(super) fn resize(&mut self, index: usize, size: usize) {
        let resized = self.builder.resize(self.blocks[index], size);
        resized.expect("a live block");
    }

    /// The trace, cut to the wanted number of calls.
    pub(super) fn finish(mut self, name: &str) -> Trace {
        self.builder.set_provenance(Provenance {
            origin: Origin::Generated,
            program: name.to_owned(),
            version: VERSION.to_string(),
            seed: Some(self.seed),
            threads: 1,
            ..Provenance::default()
        });
        let mut trace = self.builder.finish(name);
        trace.truncate(self.n_ops);
        trace
    }
}
