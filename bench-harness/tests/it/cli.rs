//! The command line, as its users meet it.

use std::path::Path;
use std::process::{Command, Output};

use bench_harness::allocators::Need;
use bench_harness::report::{Report, Row};
use bench_results::group::groups;

fn harness(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    command.args(args).output().expect("the harness starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs `bench` on little work and reads its JSON back.
fn tiny(args: &[&str]) -> (Output, Report) {
    let common = [
        "bench",
        "--json",
        "-",
        "--ops",
        "2000",
        "--reps",
        "2",
        "--time-limit",
        "5",
    ];
    let output = harness(&[&common, args].concat());
    let report = crate::support::report(&output);
    (output, report)
}

fn row<'a>(report: &'a Report, allocator: &str) -> &'a Row {
    let mut rows = report.workloads[0].rows.iter();
    rows.find(|row| row.allocator == allocator)
        .expect("every allocator has a row")
}

#[test]
fn an_unknown_allocator_is_named_with_its_nearest() {
    let output = harness(&["bench", "--stage", "coalescin"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("did you mean `coalescing`?"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn an_unknown_workload_is_named_with_its_nearest() {
    let output = harness(&["bench", "--json", "-", "--workload", "churm"]);
    assert!(!output.status.success());
    assert!(
        stderr(&output).contains("did you mean `churn`?"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn an_unwritable_path_is_found_before_the_run() {
    let output = harness(&["bench", "--json", "/proc/no/such/file.json"]);
    assert!(!output.status.success());
    assert!(output.stdout.is_empty(), "nothing was measured");
    let error = stderr(&output);
    assert!(
        error.contains("cannot write /proc/no/such/file.json"),
        "{error}"
    );
    assert!(error.contains("--json"), "it says what to do: {error}");
}

#[test]
fn a_missing_trace_is_named() {
    let output = harness(&["bench", "--json", "-", "--trace", "no-such.trace"]);
    assert!(!output.status.success());
    assert!(
        stderr(&output).contains("no-such.trace"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_list_names_allocators_and_workloads_but_not_the_hidden() {
    let output = harness(&["bench", "--list"]);
    assert!(output.status.success());
    let list = String::from_utf8_lossy(&output.stdout);
    for name in [
        "bump arena",
        "global, Rust",
        "freelist",
        "best-fit",
        "coalescing",
        "mmap-backed",
        "libc",
        "talc",
        "churn",
    ] {
        assert!(list.contains(name), "{name} is missing:\n{list}");
    }
    assert!(!list.contains("test-"), "{list}");
}

#[test]
fn a_run_measures_time_footprint_and_fragmentation() {
    let (output, report) = tiny(&[
        "--stage",
        "libc",
        "coalescing",
        "talc",
        "--workload",
        "churn",
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(report.workloads.len(), 1);
    assert_eq!(report.workloads[0].n_ops, 2000);
    assert!(report.workloads[0].facts.harness_ns.is_some());
    for name in ["libc", "coalescing", "talc"] {
        let row = row(&report, name);
        let time = row.time.unwrap_or_else(|| panic!("{row:?}"));
        assert!(time.min <= time.median && time.median <= time.max && time.n_runs == 2);
        assert!(
            row.footprint.bytes.is_some() && !row.remarks.broken,
            "{row:?}"
        );
    }
    let coalescing = row(&report, "coalescing");
    assert!(coalescing.footprint_ratio.unwrap() > 1.0);
    assert!((0.0..1.0).contains(&coalescing.footprint.internal.unwrap()));
    assert!((0.0..1.0).contains(&coalescing.footprint.external.unwrap()));
    let libc = report
        .means
        .iter()
        .find(|mean| mean.allocator == "libc")
        .unwrap();
    assert_eq!((libc.time_ratio, libc.n_timed), (Some(1.0), 1));
}

#[test]
fn every_peer_in_rust_keeps_its_promises_on_recorded_calls() {
    let (output, report) = tiny(&["--peers", "rust", "--workload", "jq", "--reps", "1"]);
    assert!(output.status.success(), "{}", stderr(&output));
    for name in [
        "talc",
        "rlsf",
        "dlmalloc",
        "buddy",
        "linked_list",
        "galloc",
        "bumpalo",
        "bump-scope",
        "blink",
        "rusty_alloc",
        "stoolap",
        "smmalloc",
        "sefer",
    ] {
        let row = row(&report, name);
        assert!(!row.remarks.broken && row.time.is_some(), "{row:?}");
        assert!(
            row.footprint.bytes.is_some() && row.version.is_some(),
            "{row:?}"
        );
    }
}

#[test]
fn crash_hang_and_broken_promise_are_rows_and_fail_the_run_at_its_end() {
    let broken = ["test-crash", "test-hang", "test-overlap"];
    let stages = [&["--stage", "libc"], &broken[..]].concat();
    let (output, report) =
        tiny(&[&stages[..], &["--workload", "churn", "--time-limit", "0.5"]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(
        row(&report, "libc").time.is_some(),
        "the others are measured"
    );
    let note = |name| row(&report, name).remarks.notes.join("; ");
    assert!(
        note("test-crash").contains("crashed with signal 6"),
        "{}",
        note("test-crash")
    );
    assert!(
        note("test-hang").contains("hung: stopped after"),
        "{}",
        note("test-hang")
    );
    assert!(
        note("test-overlap").contains("overlaps live block"),
        "{}",
        note("test-overlap")
    );
    for name in broken {
        assert!(row(&report, name).remarks.broken && row(&report, name).time.is_none());
        assert!(
            stderr(&output).contains(&format!("{name} on churn")),
            "{}",
            stderr(&output)
        );
    }
}

#[test]
fn an_allocator_that_is_too_slow_is_a_row_and_no_failure() {
    let stages = [
        "--stage",
        "libc",
        "worst-fit",
        "--workload",
        "churn",
        "--detail",
    ];
    let (output, report) =
        tiny(&[&stages[..], &["--ops", "200000", "--time-limit", "0.01"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let notes = row(&report, "worst-fit").remarks.notes.join("; ");
    assert!(notes.contains("too slow"), "{notes}");
}

#[test]
fn the_help_says_what_the_exit_status_means() {
    let help = harness(&["bench", "--help"]);
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    for code in ["  0  ", "  1  ", "  2  ", "  130  "] {
        assert!(help.contains(code), "{help}");
    }
}

#[test]
fn an_arena_says_where_it_stops() {
    let trace = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hungry.rep");
    // 1,000 blocks of 20,000 bytes do not fit 10 MiB side by side, and the small block between
    // frees keeps the large one from being the last.
    let ops = "a 0 20000\na 1 10\nf 0\nf 1\n".repeat(1000);
    let text = format!("20000000\n2\n4000\n1\n{ops}");
    std::fs::write(&trace, text).unwrap();
    let trace = trace.to_str().unwrap();
    let (output, report) = tiny(&["--stage", "bump", "--trace", trace, "--ops", "4000"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let bump = row(&report, "bump");
    let notes = bump.remarks.notes.join("; ");
    assert!(
        notes.contains("out of memory after") && notes.contains("of 4,000 operations"),
        "{notes}"
    );
    assert!(bump.footprint_ratio.unwrap() > 100.0, "{bump:?}");
    assert!(
        bump.time.is_some(),
        "it is timed in a heap that holds every request"
    );
}

#[test]
fn an_earlier_run_can_be_printed_again() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("again.json");
    let file = file.to_str().unwrap();
    let first = harness(&[
        "bench",
        "--quick",
        "--ops",
        "500",
        "--stage",
        "libc",
        "coalescing",
        "--workload",
        "churn",
        "--json",
        file,
    ]);
    assert!(first.status.success(), "{}", stderr(&first));
    let again = harness(&["bench", "--from", file]);
    let (first, again) = (
        String::from_utf8(first.stdout).unwrap(),
        String::from_utf8(again.stdout).unwrap(),
    );
    let is_table = |line: &&str| !line.starts_with("Written to ");
    let first: Vec<&str> = first.lines().filter(is_table).collect();
    assert_eq!(first, again.lines().collect::<Vec<_>>());
    assert!(
        first.last().unwrap().starts_with("For a fixed heap: "),
        "the answer comes last: {first:?}"
    );
}

#[test]
fn a_trace_of_ones_own_has_enough_peers_for_an_answer() {
    let trace = bench_harness::select::workspace().join("bench-harness/traces/jq.trace");
    let left_out = "snmalloc: left out, since cmake is missing";
    let (output, report) = tiny(&[
        "--trace",
        trace.to_str().unwrap(),
        "--ops",
        "200",
        "--reps",
        "1",
        "--left-out",
        left_out,
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    for name in [
        "rusty_alloc",
        "smmalloc",
        "bump-scope",
        "thread-cached",
        "galloc",
    ] {
        assert!(row(&report, name).time.is_some(), "{name}");
    }
    let categories = report.answers.iter().map(|answer| answer.category);
    assert!(
        categories.eq([Need::Process, Need::Fixed, Need::Arena]),
        "{:?}",
        report.answers
    );
    let lines: Vec<String> = stderr(&output).lines().map(str::to_string).collect();
    let mut sentences: Vec<String> = report
        .answers
        .into_iter()
        .map(|answer| answer.sentence)
        .collect();
    sentences.push(left_out.to_string());
    assert!(lines.ends_with(&sentences), "{lines:?}");
    assert!(sentences[0].contains("only 200 calls"), "{sentences:?}");
}

#[test]
fn tight_heaps_tell_who_completes_in_them() {
    let stages = ["--stage", "bump", "mmap-backed", "coalescing", "talc"];
    let (_, report) = tiny(&[&["--tight", "--workload", "churn"], &stages[..]].concat());
    assert!(report.workloads.is_empty());
    let groups = groups(&report.measurements);
    let lengths: Vec<&String> = groups.iter().map(|one| &one.case.params["heap"]).collect();
    assert_eq!(lengths, ["1.5", "1.75"]);
    let names: Vec<&str> = groups[0]
        .each
        .iter()
        .map(|one| &*one.subject.name)
        .collect();
    assert_eq!(names, ["coalescing", "talc"], "only fixed heaps that reuse");
    for group in &groups {
        let time = group.median("coalescing");
        assert!(time.is_some_and(|ns| ns > 0.0), "{group:?}");
    }
    assert_eq!(report.failures().count(), 0);
}
