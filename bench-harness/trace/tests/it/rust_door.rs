//! Tests a Rust program that records itself: the trace keeps its layouts.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use alloc_trace::record::{self, Door, Options};
use alloc_trace::{Op, Trace};
use tempfile::TempDir;

/// Builds the program in `bench-harness/recording/examples/records_itself.rs` and returns its path.
fn program() -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "recording"])
        .args(["--example", "records_itself"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(built.status.success());
    let messages = String::from_utf8(built.stdout).unwrap();
    let executable = messages.lines().find_map(|message| {
        let message: serde_json::Value = serde_json::from_str(message).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    });
    executable.expect("cargo names the program")
}

/// Returns the program's trace and the trace's path.
fn recorded() -> (TempDir, Trace) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("main.trace");
    let script = OsString::from("exec \"$0\" > /dev/null");
    let command = ["sh".into(), "-c".into(), script, program().into_os_string()];
    let summary = record::run(&Options {
        output: Some(path.clone()),
        door: Door::Rust,
        ..Options::new(command)
    })
    .unwrap();
    assert!(summary.status.success());
    assert!(
        summary.others.is_empty(),
        "the shell does not record itself: {summary}"
    );
    let process = summary.named.as_ref().unwrap();
    assert_eq!((process.n_unseen, process.n_inherited), (0, 0), "{summary}");
    (directory, Trace::load(path).unwrap())
}

fn allocations(trace: &Trace, wanted: (usize, u32, bool)) -> usize {
    let is_wanted = |op: &&Op| matches!(op, Op::Allocate { size, align, zeroed, .. } if (*size, *align, *zeroed) == wanted);
    trace.ops.iter().filter(is_wanted).count()
}

#[test]
fn layouts_are_kept_as_they_were_asked_for() {
    let (_directory, trace) = recorded();
    assert_eq!(
        allocations(&trace, (64, 64, false)),
        100,
        "one for each aligned box"
    );
    assert_eq!(allocations(&trace, (5000, 1, true)), 1, "the zeroes");
    assert_eq!(
        allocations(&trace, (4042, 2, false)),
        1,
        "and not that of another allocator"
    );
    assert!(trace.ops.iter().any(|op| matches!(op, Op::Resize { .. })));
    assert_eq!(trace.provenance.threads, 2);
    assert_eq!(trace.columns.threads.len(), trace.ops.len());
    assert_eq!(trace.columns.gaps.len(), trace.ops.len());
}

#[test]
fn every_free_and_resize_states_its_size() {
    let (_directory, trace) = recorded();
    let calls = trace.ops.iter().zip(&trace.columns.sized);
    let is_right = |(op, sized): (&Op, &bool)| *sized != matches!(op, Op::Allocate { .. });
    assert_eq!(trace.columns.sized.len(), trace.ops.len());
    assert!(calls.into_iter().all(is_right));
}
