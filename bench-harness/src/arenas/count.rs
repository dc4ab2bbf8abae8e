//! Instructions and branches of an allocation, as callgrind counts them in the loop: those of the
//! same loop without an arena subtracted.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::Pass;
use super::pass::N_BLOCKS;
use crate::job::{Answer, Job, Question};
use crate::measure::instructions::collected;

/// Passes that are counted: each counts the same.
const N_COUNTED: usize = 2;

/// Per allocation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Instructions.
    pub instructions: f64,
    /// Branches that depend on a condition.
    pub branches: f64,
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
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(["--branch-sim=yes", "--collect-atstart=no"])
        .arg("--toggle-collect=*pass::allocate_blocks*")
        .arg(std::env::current_exe()?)
        .arg("child")
        .arg(serde_json::to_string(&Job::asking(Question::Arena(
            counted,
        )))?)
        .output()
        .context("cannot start valgrind")?;
    let answer = serde_json::from_slice(&output.stdout);
    ensure!(
        matches!(answer, Ok(Answer::Arena(_))),
        "it does not run under valgrind"
    );
    // Instructions, conditional branches, those mispredicted, indirect ones, those mispredicted.
    let collected = collected(&String::from_utf8_lossy(&output.stderr));
    let [instructions, branches, ..] = collected[..] else {
        anyhow::bail!("callgrind did not say what it counted");
    };
    ensure!(
        instructions > 0,
        "callgrind does not know the loop by its name: is the binary stripped?"
    );
    let per_block = |n: u64| n as f64 / (N_BLOCKS * N_COUNTED) as f64;
    Ok(Counts {
        instructions: per_block(instructions),
        branches: per_block(branches),
    })
}
