//! Where an allocator of a whole process is called from, and when.

use std::path::Path;
use std::process::Output;

use crate::build::{LIFECYCLE, compiled, library, library_of};
use crate::run::{default_section, limited_section, output, preloaded, section, text};

#[test]
fn fork() {
    default_section(&LIFECYCLE, &["fork", "150"]);
}

#[test]
fn fork_while_files_are_flushed_and_read() {
    default_section(&LIFECYCLE, &["fork-files", "100"]);
    // Here every call takes the lock; in the default stage hardly any does.
    section(
        &LIFECYCLE,
        &library_of("mmap-backed"),
        &["fork-files", "100"],
    );
}

#[test]
#[ignore = "long: a thousand children"]
fn fork_long() {
    default_section(&LIFECYCLE, &["fork", "1000"]);
}

#[test]
fn churn() {
    default_section(&LIFECYCLE, &["churn", "2000"]);
}

#[test]
#[ignore = "long: a hundred thousand threads"]
fn churn_long() {
    default_section(&LIFECYCLE, &["churn", "50000"]);
}

#[test]
fn keys() {
    default_section(&LIFECYCLE, &["keys", "200"]);
}

#[test]
fn small_stack() {
    default_section(&LIFECYCLE, &["small-stack"]);
}

#[test]
fn vfork() {
    default_section(&LIFECYCLE, &["vfork", "20"]);
}

#[test]
fn ends() {
    default_section(&LIFECYCLE, &["ends"]);
}

/// The program is C, so that the C++ runtime comes and goes with the plug-in.
#[test]
fn plugin() {
    let shared = ["-shared", "-fPIC"];
    if let Some(plugin) = compiled("plugin.cc", &shared) {
        let plugin = plugin.to_string_lossy();
        default_section(&LIFECYCLE, &["plugin", "30", &plugin]);
    }
}

#[test]
fn exhaustion() {
    limited_section(&LIFECYCLE, &library(), 400_000, &["exhaustion", "2"]);
}

/// Runs a section that must end the process; what it said.
fn dies(name: &str, library: &Path) -> Option<Output> {
    let output = output(preloaded(LIFECYCLE.path()?, library).arg(name));
    assert!(!output.status.success(), "{name} must not go on");
    Some(output)
}

#[test]
fn double_free_ends_the_process_with_a_line() {
    if let Some(output) = dies("double-free", &library()) {
        let errors = text(&output.stderr);
        assert_eq!(errors, "malloc-ladder: fatal: a block was freed twice\n");
    }
}

#[test]
fn foreign_free_ends_the_process_with_a_line() {
    if let Some(output) = dies("foreign-free", &library()) {
        let line = "malloc-ladder: fatal: a pointer was freed that is no block of this heap\n";
        assert_eq!(text(&output.stderr), line);
    }
}
