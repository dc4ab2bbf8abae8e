//! Contests and arenas, as they come out of the command.

use std::process::{Command, Output};

use crate::support::report;
use bench_harness::arenas::Arena;
use bench_harness::contest::Contest;
use bench_harness::output::Choice;
use bench_results::Measurement;
use bench_results::group::{cases, groups, subjects};

fn bench(args: &str) -> Output {
    let mut harness = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    harness.args("bench --quick --reps 1 --json -".split(' '));
    let output = harness.args(args.split(' ')).output();
    output.expect("the harness starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_contest_chooses_allocators_workloads_and_measures() {
    let output = bench("--contest tails --ops 1000 --workload churn high-alignment");
    let report = report(&output);
    assert_eq!(report.contest, Some(Contest::Tails));
    let names: Vec<&str> = report.workloads.iter().map(|w| w.name.as_str()).collect();
    assert_eq!(names, ["churn", "high-alignment"]);
    for workload in &report.workloads {
        let names: Vec<&str> = workload.rows.iter().map(|r| r.allocator.as_str()).collect();
        assert_eq!(names.len(), Contest::Tails.allocators().len(), "{names:?}");
        let are_clocked = workload
            .rows
            .iter()
            .all(|row| !row.remarks.detail.latency.is_empty());
        assert!(are_clocked, "{}", stderr(&output));
    }
    let tables = stderr(&output);
    assert!(tables.contains("coalescing-strict"), "{tables}");
    assert!(
        tables.contains("- coalescing, latency.free.p99_99 over talc"),
        "{tables}"
    );
}

#[test]
fn a_contest_may_be_of_other_allocators_and_measures_memory() {
    let output = bench("--contest memory --ops 2000 --workload plateau --stage mmap-backed libc");
    let report = report(&output);
    let detail = report.workloads[0]
        .rows
        .iter()
        .map(|row| &row.remarks.detail);
    assert!(
        detail
            .clone()
            .all(|one| one.memory.is_some() && one.drain.is_some())
    );
    assert_eq!(detail.count(), 2);
    let tables = stderr(&output);
    assert!(
        tables.contains("- mmap-backed, drain.returned / drain.freed, of 1 case: "),
        "{tables}"
    );
    assert!(tables.contains("- mmap-global, drain.returned / drain.freed: not measured"));
}

#[test]
fn the_workloads_of_heaps_are_all_replayed() {
    let output = bench("--contest heaps --ops 300 --stage coalescing talc");
    let report = report(&output);
    let names: Vec<&str> = report.workloads.iter().map(|w| w.name.as_str()).collect();
    for name in Contest::Heaps.workloads() {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
    let goal = "- coalescing, time over talc, of 13 cases: ";
    assert!(stderr(&output).contains(goal), "{}", stderr(&output));
}

#[test]
fn every_arena_is_timed_and_counted_on_each_layout() {
    let output = bench("--arenas");
    let report = report(&output);
    let all = &report.measurements;
    assert_eq!(cases(all).len(), 2, "{}", stderr(&output));
    assert_eq!(subjects(all).len(), Arena::all().len());
    for group in groups(all) {
        let is_measured =
            |one: &&Measurement| one.outcome.median().is_some_and(|figure| figure > 0.0);
        let n_measured = group
            .each
            .iter()
            .copied()
            .filter(|one| is_measured(one))
            .count();
        assert!(
            group.metric != "time" || n_measured == Arena::all().len(),
            "{group:?}"
        );
        let [floor, bump] = ["floor", "bump"].map(|name| group.median(name));
        assert!(
            group.metric != "instructions" || floor <= bump,
            "to compare with the end takes more: {group:?}"
        );
    }
    assert!(stderr(&output).contains("- bump, time over floor, worst on arena block="));
}

#[test]
fn a_contest_is_no_other_mode() {
    for mode in ["--arenas", "--flat", "--tight", "--global"] {
        let output = bench(&format!("--contest heaps {mode}"));
        assert!(stderr(&output).contains("cannot be used with"), "{mode}");
    }
}
