//! `bench` and `record`: built here, done by the bench harness.

use crate::{Result, process};

/// Runs the bench harness with all of our arguments.
pub(crate) fn forward(args: &[String]) -> Result {
    if !cfg!(target_os = "linux") {
        return Err(
            "the bench harness measures through /proc and LD_PRELOAD and needs Linux; \
             the stages themselves are `no_std` and build anywhere"
                .to_owned(),
        );
    }
    // Building first, not quietly, shows cargo's progress; the run itself is silent.
    process::succeed(&mut process::cargo(&[
        "build",
        "--release",
        "-p",
        "bench-harness",
    ]))?;
    let mut run = process::cargo(&["run", "--release", "--quiet", "-p", "bench-harness", "--"]);
    run.args(args);
    if let Ok(here) = std::env::current_dir() {
        run.current_dir(here);
    }
    process::replace_with(run)
}
