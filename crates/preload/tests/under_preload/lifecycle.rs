//! Where an allocator of a whole process is called from, and when.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Output;

use crate::build::{EARLY, LIFECYCLE, compiled, library, library_of};
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
fn fork_in_the_handler_of_a_signal() {
    default_section(&LIFECYCLE, &["fork-in-handler", "100"]);
    section(
        &LIFECYCLE,
        &library_of("mmap-backed"),
        &["fork-in-handler", "50"],
    );
}

#[test]
fn a_first_request_from_within_atexit() {
    default_section(&EARLY, &["exits"]);
}

#[test]
fn a_first_request_when_many_keys_are_taken() {
    default_section(&EARLY, &["keys"]);
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

/// Each request is sampled, with its callers.
#[test]
fn a_constructor_that_waits_for_who_allocates() {
    let (Some(program), Some(waits)) =
        (LIFECYCLE.path(), compiled("waits.c", &["-shared", "-fPIC"]))
    else {
        return;
    };
    let dir = tempfile::tempdir().expect("a directory");
    let mut command = preloaded(program, &library());
    command
        .args(["constructor-waits", "1"])
        .arg(waits)
        .env("MALLOC_LADDER_PROFILE", dir.path().join("heap"))
        .env("MALLOC_LADDER_PROFILE_EVERY", "1");
    let output = output(&mut command);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn reports_while_threads_run() {
    default_section(&LIFECYCLE, &["reports", "300"]);
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

/// In the hardened mode, with a block guarded: the handler that explains faults is there.
#[test]
fn a_fault_that_somebody_sends_ends_the_process() {
    let Some(program) = LIFECYCLE.path() else {
        return;
    };
    let mut command = preloaded(program, &library_of("hardened"));
    command.arg("signalled").env("MALLOC_LADDER_GUARD", "1");
    let output = output(&mut command);
    assert_eq!(output.status.signal(), Some(libc::SIGSEGV), "{output:?}");
}
