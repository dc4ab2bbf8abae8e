//! Instructions and branches of an allocation, as callgrind counts them in the loop: those of the
//! same loop without an arena subtracted.

use anyhow::{Result, bail};

use super::Pass;
use super::pass::N_BLOCKS;
use crate::job::{Answer, Job, Question};
use crate::measure::callgrind::count;

/// Passes that are counted: each counts the same.
const N_COUNTED: usize = 2;

/// Per allocation.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    /// Instructions.
    pub(super) instructions: f64,
    /// Branches that depend on a condition.
    pub(super) branches: f64,
}

impl Counts {
    /// What is left beside those of the loop alone, to a hundredth: what is done once in a pass is none of
    /// an allocation's.
    pub(super) fn beside(self, alone: Self) -> Self {
        let hundredths = |count: f64| (count * 100.0).round() / 100.0;
        Self {
            instructions: hundredths(self.instructions - alone.instructions),
            branches: hundredths(self.branches - alone.branches),
        }
    }
}

/// What an allocation of the arena of `pass` takes, the loop included.
///
/// # Errors
///
/// Valgrind cannot be started, or its output is not understood.
pub(super) fn with_loop(pass: Pass) -> Result<Counts> {
    let counted = Pass {
        n_passes: N_COUNTED,
        ..pass
    };
    let job = Job::asking(Question::Arena(counted));
    let answered = count(&job, "*pass::allocate_blocks*", &["--branch-sim=yes"])?;
    let Some((Answer::Arena(_), events)) = answered else {
        bail!("it does not run under valgrind");
    };
    // Instructions, conditional branches, those mispredicted, indirect ones, those mispredicted.
    let [instructions, branches, ..] = events[..] else {
        bail!("callgrind did not say what it counted");
    };
    let per_block = |n: u64| n as f64 / (N_BLOCKS * N_COUNTED) as f64;
    Ok(Counts {
        instructions: per_block(instructions),
        branches: per_block(branches),
    })
}
