//! `inverse-square`: sizes as skewed as programs', few live blocks, a block replaced at random.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

/// Sizes and live blocks are those of glibc's `bench-malloc-thread`.
pub(super) const WORKLOAD: Workload = Workload {
    name: "inverse-square",
    question: "What does the common mix, mostly small and at times large, cost in a small heap?",
    exposes: "worst-fit",
    weakness: "every request is cut from the largest hole, so none is left for the large ones",
    generate,
};

const N_LIVE: usize = 400;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        if program.n_live() == N_LIVE {
            program.free_any();
        }
        let size = program.random.size(4, 32 << 10);
        program.allocate(size);
    }
    program.finish(WORKLOAD.name)
}
