//! The grades of the template, of a stage, and of allocators that each break one promise.

use std::process::{Command, Output};

/// Grades an allocator of the table on little work: the output, and the exit status.
fn grade(name: &str) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graded"));
    command.args(["grade", name, "--quick", "--ops", "2000"]);
    command.args(["--cases", "8", "--patience", "4"]);
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
    let (text, status) = grade(name);
    assert_eq!(status, Some(1), "{name}: {text}");
    let first = text.split("The first failure: ").nth(1).unwrap_or(&text);
    assert!(first.starts_with(fault), "{name}: {text}");
    assert!(first.contains(detail), "{name}: {text}");
    assert!(first.contains("\nNext: "), "{name}: {text}");
}

#[test]
fn the_template_refuses_and_is_told_what_to_do() {
    fails("yours", "it refuses", "Does `allocate` still return");
}

#[test]
fn coalescing_gets_full_marks() {
    let (text, status) = grade("coalescing");
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
fn one_that_crashes_or_never_returns_is_named_with_its_last_call() {
    fails("test-crash", "it panics", "SIGABRT");
    fails("test-hang", "it hangs", "SIGALRM");
}

#[test]
fn an_unknown_name_is_an_error_of_its_own() {
    let (text, status) = grade("mien");
    assert_eq!(status, Some(2));
    assert!(text.contains("there is no allocator `mien`"), "{text}");
}
