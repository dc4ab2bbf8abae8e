//! A job under callgrind: what is counted is the same for the same binary, whatever the machine is doing meanwhile.
//! What the kernel does is not counted.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::job::{Answer, Job};

/// Whether valgrind is installed.
pub(crate) fn can_count() -> bool {
    let version = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

/// Has a child answer `job` and counts while it is in the functions that `toggle` names: the answer, and a number
/// for each kind of event, instructions first. `None` if the child does not answer.
///
/// # Errors
///
/// Valgrind cannot be started, its output is not understood, or it does not find the functions.
pub(crate) fn count(
    job: &Job,
    toggle: &str,
    options: &[&str],
) -> Result<Option<(Answer, Vec<u64>)>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(options)
        .arg("--collect-atstart=no")
        .arg(format!("--toggle-collect={toggle}"))
        .arg(std::env::current_exe()?)
        .arg("child")
        .arg(serde_json::to_string(job)?)
        .output()
        .context("cannot start valgrind")?;
    let Ok(answer) = serde_json::from_slice(&output.stdout) else {
        return Ok(None);
    };
    let events = collected(&String::from_utf8_lossy(&output.stderr));
    let instructions = events
        .first()
        .context("callgrind did not say what it counted")?;
    ensure!(
        *instructions > 0,
        "callgrind does not know `{toggle}`: is the binary stripped?"
    );
    Ok(Some((answer, events)))
}

/// The numbers of the line `==1== Collected : 123 45`, one for each kind of event; none without one.
fn collected(text: &str) -> Vec<u64> {
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
