//! `fifo`: a queue of blocks.

use std::collections::VecDeque;

use super::Workload;
use super::program::{Held, Program};
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "fifo",
    question: "Is freed memory used again when the oldest block always dies first?",
    exposes: "bump",
    weakness: "the block freed is never the last one, so nothing comes back",
    generate,
};

/// Blocks in the queue.
const N_LIVE: usize = 1000;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    let mut queue: VecDeque<Held> = VecDeque::new();
    while program.goes_on() {
        if queue.len() == N_LIVE
            && let Some(oldest) = queue.pop_front()
        {
            program.release(oldest);
        }
        let size = program.random.size(16, 4096);
        queue.push_back(program.hold(size));
    }
    program.finish(WORKLOAD.name)
}
