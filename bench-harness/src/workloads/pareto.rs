//! `pareto`: a table of slots of which few are hot.

use super::Workload;
use super::program::{Held, Program};
use super::random::Random;
use crate::trace::Trace;

/// The law is that of the `alloc-test` benchmark: 80 % of the calls go to 20 % of the slots, and so
/// on within each part, six times over.
pub(super) const WORKLOAD: Workload = Workload {
    name: "pareto",
    question: "Does memory that is replaced all the time suffer from memory that hardly is?",
    exposes: "next-fit",
    weakness: "it walks away from the holes that the hot slots leave, and spreads over the heap",
    generate,
};

const N_SLOTS: usize = 4096;
const N_LEVELS: usize = 6;
const LARGEST: usize = 1024;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    let mut slots: Vec<Option<Held>> = vec![None; N_SLOTS];
    while program.goes_on() {
        let slot = slot(&mut program.random);
        slots[slot] = match slots[slot] {
            Some(block) => {
                program.release(block);
                None
            }
            None => {
                let size = program.random.within(1, LARGEST);
                Some(program.hold(size))
            }
        };
    }
    program.finish(WORKLOAD.name)
}

/// Four times of five a slot of the first fifth, at each level.
fn slot(random: &mut Random) -> usize {
    let (mut first, mut len) = (0, N_SLOTS);
    for _ in 0..N_LEVELS {
        let hot = len.div_ceil(5);
        if len < 2 || random.below(5) > 0 {
            len = hot;
        } else {
            (first, len) = (first + hot, len - hot);
        }
    }
    first + random.below(len)
}
