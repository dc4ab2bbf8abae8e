//! `peak`: phases that each build a structure and drop it whole.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "peak",
    question: "What do headers and free lists buy a program that drops everything at once?",
    exposes: "freelist",
    weakness: "blocks cut for one phase's sizes do not serve the next; an arena that is reset would",
    generate,
};

/// Blocks of a phase.
const N_BUILT: usize = 2000;

/// The largest size of each phase in turn.
const LARGEST: [usize; 4] = [64, 256, 1024, 4096];

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    for largest in LARGEST.into_iter().cycle() {
        if !program.goes_on() {
            break;
        }
        for _ in 0..N_BUILT {
            let size = program.random.size(largest / 4, largest);
            program.allocate(size);
        }
        program.free_all();
    }
    program.finish(WORKLOAD.name)
}
