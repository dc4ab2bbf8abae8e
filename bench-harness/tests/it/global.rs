//! Micro-benchmarks of global allocators, and real programs.

use std::process::Output;

use crate::support::harness_with_small_pages;
use bench_harness::global::{Door, Unit, Verdict, Worth};
use bench_harness::preload::Exit;
use bench_harness::report::Report;

fn bench(args: &[&str]) -> Output {
    let mut harness = harness_with_small_pages();
    harness.args(["bench", "--quick", "--json", "-"]);
    harness.args(args).output().expect("the harness starts")
}

fn report(output: &Output) -> Report {
    let report = serde_json::from_slice(&output.stdout);
    report.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn rows_are_measured_at_each_number_of_threads_and_compared() {
    let output = bench(&[
        "--global",
        "pair-call",
        "larson",
        "dense",
        "--stage",
        "thread-cached",
        "libc",
        "--reps",
        "3",
    ]);
    let rows = report(&output).global;
    let labels: Vec<&str> = rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(
        labels,
        ["pair-call × 1", "pair-call × 2", "larson × 2", "dense"]
    );
    for row in &rows {
        let allocators: Vec<&str> = row
            .figures
            .iter()
            .map(|one| one.allocator.as_str())
            .collect();
        assert_eq!(allocators, ["thread-cached", "libc"]);
        for figures in &row.figures {
            assert_eq!(figures.values.len(), 3, "{row:?}");
            assert!(figures.values.iter().all(|value| *value > 0.0), "{row:?}");
        }
    }
    assert!(rows[0].loop_ns.is_some() && rows[1].loop_ns.is_none());
    let dense = &rows[3];
    assert_eq!(dense.unit, Unit::Bytes);
    let verdict = Verdict::of(dense, Door::Linked).unwrap();
    assert!(
        verdict.stage.1 < 25.0 && verdict.best.1 > 31.0,
        "{verdict:?}"
    );
    assert_eq!(verdict.worth, Worth::Best);
    let tables = String::from_utf8_lossy(&output.stderr);
    assert!(
        tables.contains("verdict") && tables.contains("time / libc"),
        "{tables}"
    );
}

#[test]
fn what_stays_and_who_survives_is_asked_once() {
    let output = bench(&[
        "--global",
        "spike-freed",
        "forks",
        "births",
        "classes",
        "--stage",
        "thread-cached",
    ]);
    let rows = report(&output).global;
    let value = |label| {
        let row = rows.iter().find(|row| row.label == label).unwrap();
        row.figures[0].median().unwrap()
    };
    // Six and a quarter MiB for each of four threads were live.
    assert!(value("spike-freed") < 12.0, "{rows:?}");
    assert_eq!(value("forks"), 0.0, "every child allocates");
    assert!(value("births") < 1024.0, "{rows:?}");
    assert!((98.0..300.0).contains(&value("classes")), "{rows:?}");
}

#[test]
fn a_fixed_heap_is_no_global_allocator() {
    let output = bench(&["--global", "pair", "--stage", "talc"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && stderr.contains("`talc` works in memory"),
        "{stderr}"
    );
}

#[test]
fn a_row_for_several_threads_is_refused_on_one() {
    let output = bench(&["--global", "larson", "--threads", "1"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && stderr.contains("--threads 2"),
        "{stderr}"
    );
}

#[test]
fn a_program_runs_on_its_generated_input_with_the_same_output_each_time() {
    for program in ["perl", "containers"] {
        let output = bench(&["--programs", program, "--reps", "2"]);
        let report = report(&output);
        let Some(command) = report.commands.first() else {
            assert!(String::from_utf8_lossy(&output.stderr).contains("apt-get install"));
            continue;
        };
        let libc = &command.rows[0];
        assert_eq!((libc.exit, libc.runs.len()), (Some(Exit::Status(0)), 2));
        assert!(
            libc.notes.is_empty() && libc.runs[0].stdout.0 > 10,
            "{libc:?}"
        );
        assert_eq!(libc.runs[0].stderr.0, 0, "it has nothing to complain of");
    }
}

#[test]
fn a_program_that_nobody_knows_is_refused() {
    let output = bench(&["--programs", "emacs"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && stderr.contains("sqlite3"),
        "{stderr}"
    );
}
