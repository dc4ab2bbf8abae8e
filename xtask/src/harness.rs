//! `bench`, `record` and `trace`: built here, done by the bench harness.

use std::process::Command;

use crate::{Result, c_peers, process};

/// Runs the bench harness with all of our arguments.
pub(crate) fn forward(args: &[String]) -> Result {
    if !cfg!(target_os = "linux") {
        return Err(
            "the bench harness measures through /proc and LD_PRELOAD and needs Linux; \
             the stages themselves are `no_std` and build anywhere"
                .to_owned(),
        );
    }
    let mut run = match c_peers::are_wanted(args) {
        true => with_c_peers(args)?,
        false => alone(args)?,
    };
    if let Ok(here) = std::env::current_dir() {
        run.current_dir(here);
    }
    process::replace_with(run)
}

/// Builds the harness; the command that runs it.
fn alone(args: &[String]) -> Result<Command> {
    // Building first, not quietly, shows cargo's progress; the run itself is silent.
    process::succeed(&mut process::cargo(&[
        "build",
        "--release",
        "-p",
        "bench-harness",
    ]))?;
    let mut run = process::cargo(&["run", "--release", "--quiet", "-p", "bench-harness", "--"]);
    run.args(args);
    Ok(run)
}

/// The same with the peers in C.
fn with_c_peers(args: &[String]) -> Result<Command> {
    let built = c_peers::build(args)?;
    let mut run = Command::new(built.harness);
    run.args(args).args(built.options);
    Ok(run)
}
