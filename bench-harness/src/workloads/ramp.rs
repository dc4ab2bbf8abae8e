//! `ramp`: phases that each build a structure and drop it whole.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "ramp",
    question: "Does the memory of one peak serve the next, whose sizes are others?",
    exposes: "next-fit",
    weakness: "it goes on to memory never used before it comes back to what was freed",
    generate,
};

/// Blocks of a phase at its peak.
const N_BUILT: usize = 5000;

/// Of the blocks of a phase, one in this many outlives it, to the end of the next.
const SURVIVOR: usize = 50;

/// The largest size of each phase in turn.
const LARGEST: [usize; 5] = [128, 4096, 512, 16 << 10, 1024];

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    for largest in LARGEST.into_iter().cycle() {
        if !program.goes_on() {
            break;
        }
        let n_old = program.n_live();
        build(&mut program, largest);
        drop_all_but_survivors(&mut program, n_old);
    }
    program.finish(WORKLOAD.name)
}

fn build(program: &mut Program, largest: usize) {
    for _ in 0..N_BUILT {
        let size = program.random.size(16, largest);
        program.allocate(size);
    }
}

/// Drops what survived the phase before, then this phase's blocks, the youngest first.
fn drop_all_but_survivors(program: &mut Program, n_old: usize) {
    for index in (0..program.n_live()).rev() {
        if index < n_old || index % SURVIVOR != 0 {
            program.free(index);
        }
    }
}
