//! `plateau`: a build-up, one block that never dies, and steady replacement.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "plateau",
    question: "Does a program that has stopped growing need more memory every minute?",
    exposes: "bump",
    weakness: "its footprint climbs with every allocation although what is live stays the same",
    generate,
};

/// Live blocks beside the immortal one.
const N_LIVE: usize = 500;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    program.keep(64);
    while program.goes_on() {
        if program.n_live() == N_LIVE {
            program.free_any();
        }
        let size = program.random.size(16, 2048);
        program.allocate(size);
    }
    program.finish(WORKLOAD.name)
}
