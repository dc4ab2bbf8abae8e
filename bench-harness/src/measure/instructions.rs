//! Instructions per operation, counted by callgrind: the same for the same binary, whatever the
//! machine is doing meanwhile.
//!
//! The harness's own loop is counted on the empty allocator and subtracted. What the kernel does is
//! not counted.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::allocators::EMPTY;
use crate::job::{Answer, Job, Question};

/// Operations replayed at most: callgrind is some fifty times slower than the processor.
const MOST_OPS: usize = 50_000;

/// Whether valgrind is installed.
pub(crate) fn can_count() -> bool {
    let version = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

/// Instructions per operation of the job's allocator on the start of its workload; `None` if the
/// replay does not end.
///
/// # Errors
///
/// Valgrind cannot be started or its output is not understood.
pub(crate) fn instructions(job: &Job) -> Result<Option<f64>> {
    let counted = Job {
        question: Question::Time,
        ops: Some(job.ops.unwrap_or(MOST_OPS).min(MOST_OPS)),
        ..job.clone()
    };
    let empty = Job {
        allocator: EMPTY.to_string(),
        ..counted.clone()
    };
    let (all, own) = (per_operation(&counted)?, per_operation(&empty)?);
    Ok(all.zip(own).map(|(all, own)| all - own))
}

/// Instructions of the timed loop per operation.
fn per_operation(job: &Job) -> Result<Option<f64>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args([
            "--collect-atstart=no",
            "--toggle-collect=*::replay::replay*",
        ])
        .arg(std::env::current_exe()?)
        .arg("child")
        .arg(serde_json::to_string(job)?)
        .output()
        .context("cannot start valgrind")?;
    let Ok(Answer::Timed {
        outcome, passes, ..
    }) = serde_json::from_slice(&output.stdout)
    else {
        return Ok(None);
    };
    let collected = collected(&String::from_utf8_lossy(&output.stderr));
    let collected = *collected
        .first()
        .context("callgrind did not say what it counted")?;
    ensure!(
        collected > 0,
        "callgrind does not know the replay by its name: is the binary stripped?"
    );
    let n_ops = outcome.ops_done.max(1) as f64 * f64::from(passes);
    Ok(outcome.stop.is_none().then_some(collected as f64 / n_ops))
}

/// The numbers of the line `==1== Collected : 123 45`, one for each kind of event; none without one.
pub(crate) fn collected(text: &str) -> Vec<u64> {
    let numbers = text.lines().find_map(|line| line.split_once("Collected :"));
    let numbers = numbers.map_or("", |(_, numbers)| numbers);
    let numbers = numbers.split_whitespace().map(str::parse);
    numbers.collect::<Result<_, _>>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_counts_are_read_from_the_summary() {
        let text = "==7== Events    : Ir Bc\n==7== Collected : 1648096 12\n==7== \n";
        assert_eq!(super::collected(text), [1_648_096, 12]);
        assert!(super::collected("==7== no such thing").is_empty());
    }
}
