//! A program's phases, each with sizes of its own: blocks are allocated, most of them are freed, and what
//! is left lies between those of the next phase.

use std::mem::replace;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::block::{Block, allocate, free, words};
use super::collections::Called;
use super::rng::Rng;
use super::workers;

/// The sizes of a phase's blocks, and how many MiB all threads take of them.
const PHASES: [(Range<usize>, usize); 6] = [
    (16..65, 16),
    (64..513, 40),
    (24..41, 10),
    (512..4_097, 40),
    (96..161, 24),
    (8..1_025, 32),
];
/// Of so many blocks one is kept until the end of the next phase.
const KEPT: usize = 16;
/// Times that all phases are gone through.
const N_CYCLES: usize = 2;

struct Program {
    rng: Rng,
    /// Those of the phase.
    blocks: Vec<Block>,
    /// Those of the phase before.
    kept: Vec<Block>,
    n_blocks: usize,
}

/// Nanoseconds of a block, with every byte of it written, and its free. Each phase has `n` sixteenths of
/// its blocks.
pub(super) fn phases(allocator: Called<'_>, n_threads: usize, n: usize) -> f64 {
    let n_blocks = AtomicUsize::new(0);
    let prepare = |index| Program {
        rng: Rng::new(index),
        blocks: Vec::new(),
        kept: Vec::new(),
        n_blocks: 0,
    };
    let run = |program: &mut Program| {
        for index in 0..N_CYCLES * PHASES.len() {
            let (sizes, mebibytes) = PHASES[index % PHASES.len()].clone();
            program.fill(allocator, sizes, (mebibytes << 16) * n / n_threads);
            program.empty(allocator, index % 2 == 1);
        }
        free_all(allocator, &mut program.kept);
    };
    let finish = |program: Program| {
        n_blocks.fetch_add(program.n_blocks, Ordering::Relaxed);
    };
    let nanos = workers::time(n_threads, prepare, run, finish);
    nanos / n_blocks.into_inner() as f64
}

impl Program {
    /// Allocates `n_bytes` in blocks with sizes in `sizes`, or a few more.
    fn fill(&mut self, allocator: Called<'_>, sizes: Range<usize>, n_bytes: usize) {
        let mut n_left = n_bytes;
        while n_left > 0 {
            let size = self.rng.within(sizes.clone());
            let block = allocate(allocator, words(size));
            // SAFETY: a live block of `size` bytes.
            unsafe { block.start.write_bytes(1, size) };
            self.blocks.push(block);
            n_left = n_left.saturating_sub(size);
        }
        self.n_blocks += self.blocks.len();
    }

    /// Frees what the phase before has left, and most of what this one has allocated, in order or not.
    fn empty(&mut self, allocator: Called<'_>, is_random: bool) {
        let kept = self.blocks.iter().copied().step_by(KEPT).collect();
        free_all(allocator, &mut replace(&mut self.kept, kept));
        let mut rest = std::mem::take(&mut self.blocks);
        let mut index = 0;
        rest.retain(|_| {
            index += 1;
            index % KEPT != 1
        });
        if is_random {
            self.rng.shuffle(&mut rest);
        }
        free_all(allocator, &mut rest);
        self.blocks = rest;
    }
}

fn free_all(allocator: Called<'_>, blocks: &mut Vec<Block>) {
    blocks.drain(..).for_each(|block| free(allocator, block));
}
