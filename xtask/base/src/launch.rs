//! Packages of the workspace, built and run.

use std::process::Command;

use crate::Result;
use crate::process::{cargo, replace_with, succeed};

/// Cargo's options for a build that is to be there soon.
pub const QUICK: &[&str] = &["--profile", "quick"];

/// Refuses what uses `/proc` and `LD_PRELOAD` where there is neither.
///
/// # Errors
///
/// This is not Linux.
pub fn needs_linux() -> Result {
    match cfg!(target_os = "linux") {
        true => Ok(()),
        false => Err(
            "recording and measuring use /proc and LD_PRELOAD and need Linux; \
             the stages themselves are `no_std` and build anywhere"
                .to_owned(),
        ),
    }
}

/// Builds the package; the command that runs it with the arguments that are added.
///
/// # Errors
///
/// It does not build.
pub fn built(profile: &[&str], package: &str) -> Result<Command> {
    // Building first, not quietly, shows cargo's progress; the run itself is silent.
    let mut build = cargo(&["build", "-p", package]);
    succeed(build.args(profile))?;
    let mut run = cargo(&["run", "--quiet", "-p", package]);
    run.args(profile).arg("--");
    Ok(run)
}

/// The command that builds the package of a tool and runs it, with `words` and then `args`.
#[must_use]
pub fn tool(package: &str, words: &[&str], args: &[String]) -> Command {
    let mut run = cargo(&["run", "--quiet", "-p", package, "--"]);
    run.args(words).args(args);
    run
}

/// Becomes the program, in the directory that the user is in.
///
/// # Errors
///
/// It could not be started.
pub fn become_it(mut run: Command) -> Result {
    if let Ok(here) = std::env::current_dir() {
        run.current_dir(here);
    }
    replace_with(run)
}
