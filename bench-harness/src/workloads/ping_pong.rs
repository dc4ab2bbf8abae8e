//! One block freed and allocated again and again, where that is dear.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const THRESHOLD: Workload = Workload {
    name: "threshold-ping-pong",
    question: "Does a block just large enough for a mapping cost system calls each time?",
    exposes: "mmap-backed",
    weakness: "a mapping made, faulted in and given back at each turn, until it has learned the sizes",
    generate: threshold,
};

pub(super) const BOUNDARY: Workload = Workload {
    name: "boundary-ping-pong",
    question: "Is a block merged and cut again at every turn?",
    exposes: "coalescing",
    weakness: "it merges at once and so has to split at once; a free list of whole blocks does neither",
    generate: boundary,
};

/// The threshold from which on mappings are usual, in bytes, and how far above it the sizes go.
const DIRECT: usize = 128 << 10;
const N_STEPS: usize = 32;
const STEP: usize = 4 << 10;

/// Growing sizes: what was mapped for the last block is too small for the next.
fn threshold(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        for step in 1..=N_STEPS {
            let less = program.random.below(STEP);
            program.allocate(DIRECT + step * STEP - less);
            program.free(0);
        }
    }
    program.finish(THRESHOLD.name)
}

/// Between pinned neighbours and free memory, a block comes and goes, of sizes that are rarely kept
/// for the next request of the same.
fn boundary(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    for _ in 0..64 {
        program.keep(64);
    }
    while program.goes_on() {
        let size = 16 * program.random.within(64, 96);
        for _ in 0..8 {
            program.allocate(size);
            program.free(0);
        }
    }
    program.finish(BOUNDARY.name)
}
