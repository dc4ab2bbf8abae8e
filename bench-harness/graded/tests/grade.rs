//! The grades of the template, of a stage, and of allocators that each break one promise.

use std::process::{Command, Output};

/// Seconds that any promise may take here, where nothing is optimised and the machine is busy.
const PATIENCE: &str = "60";

/// Grades an allocator of the table on little work: the output, and the exit status.
fn grade(name: &str, patience: &str) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graded"));
    command.args(["grade", name, "--quick", "--cases", "8"]);
    command.args(["--ops", "500", "--trace", "sqlite", "--patience", patience]);
    let Output {
        stdout,
        stderr,
        status,
    } = command.output().expect("it starts");
    let text = String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr);
    (text.into_owned(), status.code())
}

/// The allocator fails, and the first failure has this name and this detail.
#[track_caller]
fn fails(name: &str, fault: &str, detail: &str) {
    fails_within(name, PATIENCE, fault, detail);
}

#[track_caller]
fn fails_within(name: &str, patience: &str, fault: &str, detail: &str) -> String {
    let (text, status) = grade(name, patience);
    assert_eq!(status, Some(1), "{name}: {text}");
    let first = text.split("The first failure: ").nth(1).unwrap_or(&text);
    assert!(first.starts_with(fault), "{name}: {text}");
    assert!(first.contains(detail), "{name}: {text}");
    assert!(first.contains("\nNext: "), "{name}: {text}");
    first.to_owned()
}

#[test]
fn the_template_refuses_and_is_told_what_to_do() {
    fails("yours", "it refuses", "Does `allocate` still return");
}

#[test]
fn coalescing_gets_full_marks() {
    let (text, status) = grade("coalescing", PATIENCE);
    assert_eq!(status, Some(0), "{text}");
    let row = text.lines().find(|line| line.contains("coalescing"));
    assert!(row.is_some_and(|row| row.contains("100.0")), "{text}");
    assert!(text.contains("No points were lost"), "{text}");
    assert!(text.contains("libc") && text.contains("freelist"), "{text}");
}

#[test]
fn each_fault_is_named() {
    fails("test-overlap", "it overlaps", "overlaps block #");
    fails("test-leak", "it leaks", "`reclaims` says Everything");
    fails("test-short", "it lies about sizes", "is shorter than");
    fails("test-misaligned", "it misaligns", "is misaligned");
}

#[test]
fn one_that_crashes_or_never_returns_is_named_with_the_shortest_program() {
    let crash = fails_within("test-crash", PATIENCE, "it panics", "SIGABRT");
    assert!(
        crash.contains("it crashes on:\n    allocate 8 align 8\n\n"),
        "{crash}"
    );
    let hang = fails_within("test-hang", "4", "it hangs", "took too long");
    assert!(
        hang.contains("it never returns from:\n    allocate 8 align 8\n\n"),
        "{hang}"
    );
}

#[test]
fn an_unknown_name_is_an_error_of_its_own() {
    let (text, status) = grade("mien", PATIENCE);
    assert_eq!(status, Some(2));
    assert!(text.contains("there is no allocator `mien`"), "{text}");
}
