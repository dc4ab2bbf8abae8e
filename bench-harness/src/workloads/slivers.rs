//! `slivers`: each request is a little smaller than the hole it finds.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "slivers",
    question: "What is left over when the best hole is always nearly the right one?",
    exposes: "best-fit",
    weakness: "leftovers too small for any request, and all of them looked at for each one",
    generate,
};

/// Blocks of a row.
const N_BLOCKS: usize = 400;
const LARGEST: usize = 2048;

/// By this much a request is smaller than the block before it: enough to be cut off.
const STEP: usize = 40;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        let mut size = LARGEST;
        while size > LARGEST / 2 {
            row(&mut program, size);
            size -= STEP + 8 * program.random.below(3);
        }
        program.free_all();
    }
    program.finish(WORKLOAD.name)
}

/// Replaces what is live by as many blocks of `size`, one after the other, in random order.
fn row(program: &mut Program, size: usize) {
    for _ in 0..N_BLOCKS {
        if program.n_live() == N_BLOCKS {
            program.free_any();
        }
        program.allocate(size);
    }
}
