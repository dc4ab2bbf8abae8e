//! `ramp-then-drain`: a peak, and then almost nothing for a long while.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "ramp-then-drain",
    question: "Does memory go back to the system once the peak is over?",
    exposes: "coalescing",
    weakness: "the heap it was given stays its own; mmap-backed gives the pages back",
    generate,
};

/// Live blocks after the drain, and how much work is done on them.
const N_LEFT: usize = 20;

/// Up with a third of the calls, down with the next, and the rest on what is left.
fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    for _ in 0..n_ops / 3 {
        let size = program.random.size(64, 8192);
        program.allocate(size);
    }
    while program.n_live() > N_LEFT {
        program.free_any();
    }
    while program.goes_on() {
        if program.n_live() > N_LEFT {
            program.free_any();
        }
        let size = program.random.size(64, 8192);
        program.allocate(size);
    }
    program.finish(WORKLOAD.name)
}
