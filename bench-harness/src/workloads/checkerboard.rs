//! `checkerboard`: every second block is freed, and what is wanted then is a little larger.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "checkerboard",
    question: "What becomes of holes that are all too small, and none beside another?",
    exposes: "coalescing",
    weakness: "no two holes are neighbours, so there is nothing to merge",
    generate,
};

/// Blocks of a round before every second is freed.
const N_BLOCKS: usize = 2000;

/// The size of the first round; every next one's is larger by the same.
const STEP: usize = 24;

/// After this many rounds everything is freed.
const N_ROUNDS: usize = 8;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        for round in 1..=N_ROUNDS {
            lay_out(&mut program, round * STEP);
        }
        while program.n_live() > 0 {
            program.free_any();
        }
    }
    program.finish(WORKLOAD.name)
}

/// Allocates a row of blocks and frees every second of them.
fn lay_out(program: &mut Program, size: usize) {
    let first = program.n_live();
    for _ in 0..N_BLOCKS {
        program.allocate(size);
    }
    // Freeing from the far end moves only blocks that were looked at before.
    for index in (first..first + N_BLOCKS).rev().step_by(2) {
        program.free(index);
    }
}
