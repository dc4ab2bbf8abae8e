//! Micro-benchmarks of global allocators, and real programs.

use std::process::Output;

use crate::support::harness_with_small_pages;
use crate::support::report;
use bench_harness::preload::Exit;
use bench_results::group::groups;
use bench_results::standings::{Pick, Standing, Worth};

fn bench(args: &[&str]) -> Output {
    let mut harness = harness_with_small_pages();
    harness.args(["bench", "--quick", "--json", "-"]);
    harness.args(args).output().expect("the harness starts")
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
    let rows = report(&output).measurements;
    let groups = groups(&rows);
    let labels: Vec<String> = groups.iter().map(|group| group.case.to_string()).collect();
    assert_eq!(
        labels,
        [
            "pair-call threads=1 work=short",
            "pair-call threads=2 work=short",
            "larson threads=2 work=short",
            "dense work=short"
        ]
    );
    for group in &groups {
        for name in ["thread-cached", "libc"] {
            let figures = group.of(name).unwrap().outcome.samples();
            assert_eq!(figures.len(), 3, "{group:?}");
            assert!(figures.iter().all(|figure| *figure > 0.0), "{group:?}");
        }
    }
    assert!(groups[0].of("loop").is_some() && groups[1].of("loop").is_none());
    let dense = &groups[3];
    assert_eq!(dense.metric, "block");
    let standing = Standing::of(dense, Pick::Highest).unwrap();
    assert!(
        standing.stage.as_ref().unwrap().1 < 25.0 && standing.best.1 > 31.0,
        "{standing:?}"
    );
    assert_eq!(standing.worth, Worth::Best);
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
    let rows = report(&output).measurements;
    let value = |label| {
        let row = rows.iter().find(|row| row.case.name == label).unwrap();
        row.outcome.median().unwrap()
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
