//! `churn`: a plateau of live blocks, replaced one by one, at several numbers of them.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

/// Ten thousand live blocks.
pub(super) const WORKLOAD: Workload = churn("churn", generate::<10_000>);
pub(super) const HUNDRED: Workload = churn("churn-100", generate::<100>);
pub(super) const THOUSAND: Workload = churn("churn-1000", generate::<1_000>);
pub(super) const HUNDRED_THOUSAND: Workload = churn("churn-100000", generate::<100_000>);
/// Live blocks and their holes that no cache holds.
pub(super) const MILLION: Workload = churn("churn-1000000", generate::<1_000_000>);

const fn churn(name: &'static str, generate: fn(u64, usize) -> Trace) -> Workload {
    Workload {
        name,
        question: "What does steady work cost, in time and holes, when blocks die at random?",
        exposes: "worst-fit",
        weakness: "it looks at every hole for each request, and cuts up the largest",
        generate,
    }
}

fn generate<const N_LIVE: usize>(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        if program.n_live() == N_LIVE {
            program.free_any();
        }
        let size = program.random.size(8, 32 << 10);
        program.allocate(size);
    }
    program.finish(match N_LIVE {
        100 => HUNDRED.name,
        1_000 => THOUSAND.name,
        100_000 => HUNDRED_THOUSAND.name,
        1_000_000 => MILLION.name,
        _ => WORKLOAD.name,
    })
}
