//! Whether each exercise is one: it compiles, its tests fail, and with the shipped bodies they pass.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use xtask_base::Result;
use xtask_base::process::{Ended, cargo, run_limited, succeed, target_dir};
use xtask_base::tree::Tree;

use super::holes::Exercise;
use super::layout;

/// How long the tests of a stage with holes may take. One without an end is a failure, too.
const LIMIT: Duration = Duration::from_secs(600);

/// Tries each exercise in `target/exercises/check`.
///
/// # Errors
///
/// One does not compile, passes with its holes, or fails without them.
pub(super) fn run(tree: &Tree, exercises: &[&Exercise]) -> Result {
    for exercise in exercises {
        let phase = &exercise.phase;
        let dir = target_dir().join(format!("exercises/check/phase-{phase}"));
        layout::write(&dir, &layout::of(tree, exercise, false)?)?;
        compiles(exercise, &dir)?;
        println!("phase {phase}: compiles with its holes");
        if passes(exercise, &dir)? {
            return Err(format!("phase {phase}: the tests pass with the holes"));
        }
        println!("phase {phase}: its tests fail");
        layout::write(&dir, &layout::of(tree, exercise, true)?)?;
        if !passes(exercise, &dir)? {
            return Err(format!("phase {phase}: the tests fail without the holes"));
        }
        println!("phase {phase}: with the shipped bodies they pass");
    }
    Ok(())
}

fn compiles(exercise: &Exercise, dir: &Path) -> Result {
    let mut build = command(exercise, dir, &["--no-run"]);
    // What the missing code would use is unused.
    succeed(build.env("RUSTFLAGS", "-A warnings"))
}

fn passes(exercise: &Exercise, dir: &Path) -> Result<bool> {
    let mut test = command(exercise, dir, &[]);
    let log = dir.join("tests.log");
    let ended = run_limited(test.env("RUSTFLAGS", "-A warnings"), &log, LIMIT)?;
    Ok(matches!(ended, Ended::Exited(status) if status.success()))
}

/// The tests that the reader runs, built in one place for all exercises.
fn command(exercise: &Exercise, dir: &Path, options: &[&str]) -> Command {
    let mut command = cargo(&["test", "--quiet", "--offline"]);
    command.args(options).arg("--manifest-path");
    command.arg(dir.join("Cargo.toml")).arg("--target-dir");
    command.arg(target_dir().join("exercises/check/target"));
    command.args(exercise.test_args());
    command
}
