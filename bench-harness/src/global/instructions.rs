//! Instructions of a pair behind a call, as callgrind counts them: those of the two functions and of
//! what they call, not of the loop. What the kernel does is not counted.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Row, Task, pair};
use crate::job::{Answer, Job, Question};
use crate::measure::instructions::collected;

/// Instructions of a pair of the job's allocator, in a process like this one.
///
/// # Errors
///
/// Valgrind cannot be started, its output is not understood, or the allocator does not run under it.
pub(crate) fn instructions(job: &Job) -> Result<f64> {
    let task = Task {
        row: Row::PairCall,
        n_threads: 1,
        is_quick: true,
    };
    let counted = Job {
        question: Question::Global(task),
        ..job.clone()
    };
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args([
            "--collect-atstart=no",
            "--toggle-collect=*pair::*_behind_call*",
        ])
        .arg(std::env::current_exe()?)
        .arg("child")
        .arg(serde_json::to_string(&counted)?)
        .output()
        .context("cannot start valgrind")?;
    let answer = serde_json::from_slice(&output.stdout);
    ensure!(
        matches!(answer, Ok(Answer::Global(_))),
        "it does not run under valgrind"
    );
    let collected = collected(&String::from_utf8_lossy(&output.stderr));
    let collected = *collected
        .first()
        .context("callgrind did not say what it counted")?;
    ensure!(
        collected > 0,
        "callgrind does not know the calls by their names: is the binary stripped?"
    );
    Ok(collected as f64 / pair::n_behind_call(task) as f64)
}
