//! Running a program on the library.

use std::path::Path;
use std::process::{Command, Output};

use crate::build::{Program, library};

/// Set to `quick` or `full`, all programs on the default stage run in this tier.
const TIER: &str = "TIER_OF_TESTS";

/// The tier in which programs on the default stage run, if one was asked for.
pub(crate) fn tier() -> Option<String> {
    std::env::var(TIER).ok()
}

/// The command, with the library preloaded into it and into what it starts.
pub(crate) fn preloaded(program: impl AsRef<std::ffi::OsStr>, library: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("LD_PRELOAD", library);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MALLOC_LADDER_") {
            command.env_remove(name);
        }
    }
    if let Some(tier) = tier()
        && library.ends_with("thread-cached/libpreload.so")
    {
        command.env("MALLOC_LADDER_HARDENED", tier);
    }
    command
}

/// What the command wrote and how it ended.
pub(crate) fn output(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?} starts: {error}"))
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs a section of a program on the library; its stderr, or `None` without a compiler.
///
/// # Panics
///
/// A check of the section failed.
pub(crate) fn section(program: &Program, library: &Path, args: &[&str]) -> Option<String> {
    let path = program.path()?;
    Some(succeed(preloaded(path, library).args(args), args[0]))
}

/// As [`section`], in `kib` KiB of address space.
pub(crate) fn limited_section(
    program: &Program,
    library: &Path,
    kib: usize,
    args: &[&str],
) -> Option<String> {
    let path = program.path()?;
    let script = format!("ulimit -v {kib} && exec \"$0\" \"$@\"");
    let mut command = preloaded("sh", library);
    command.args(["-c", &script]).arg(path).args(args);
    Some(succeed(&mut command, args[0]))
}

fn succeed(command: &mut Command, name: &str) -> String {
    let output = output(command);
    let errors = text(&output.stderr);
    let status = output.status;
    assert!(status.success(), "{name} ended with {status}:\n{errors}");
    assert_eq!(text(&output.stdout), format!("{name}: as it should be\n"));
    errors
}

/// A section on the stage that serves by default.
pub(crate) fn default_section(program: &Program, args: &[&str]) -> Option<String> {
    section(program, &library(), args)
}
