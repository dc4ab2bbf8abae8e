//! `high-alignment`: blocks whose alignment is far above a word's, replaced one by one.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "high-alignment",
    question: "What do alignments from 16 to 4,096 bytes cost, in time and in padding?",
    exposes: "bump",
    weakness: "what it skips for an alignment is lost, on top of what is never freed",
    generate,
};

/// Live blocks.
const N_LIVE: usize = 1_000;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        if program.n_live() == N_LIVE {
            program.free_any();
        }
        let size = program.random.size(16, 4096);
        let align = 16 << program.random.below(9);
        program.allocate_aligned(size, align);
    }
    program.finish(WORKLOAD.name)
}
