//! What becomes of results: kept, compared, resumed, split and put together.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bench_harness::report::Report;
use bench_results::{Case, Environment, Measurement, Outcome, Results, lines};

use crate::support::{read, results};

/// Little work: two allocators, one workload.
const TINY: &str = "--ops 1000 --reps 3 --stage libc coalescing --workload churn";

fn command(args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    command.arg("bench").args(args.split_whitespace());
    command
}

fn run(args: &str) -> Output {
    command(args).output().expect("the harness starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A file of this test's own, not there yet.
fn file(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    path
}

/// Where the run that writes `json` leaves its partial results.
fn partial(json: &Path) -> PathBuf {
    let beside = json.with_extension("partial.jsonl");
    let _ = fs::remove_file(&beside);
    beside
}

/// A run that did little.
fn tiny(name: &str) -> PathBuf {
    let path = file(name);
    let output = run(&format!("{TINY} --json {}", path.display()));
    assert!(output.status.success(), "{}", stderr(&output));
    path
}

/// The same results with every figure that is a time changed, in another file.
fn changed(path: &Path, name: &str, change: impl Fn(&mut Measurement)) -> PathBuf {
    let mut results = results(path);
    let times = results.measurements.iter_mut();
    times.filter(|one| one.metric == "time").for_each(change);
    let after = file(name);
    fs::write(&after, lines::of(&results).unwrap()).unwrap();
    after
}

#[test]
fn a_regression_fails_the_run_and_noise_does_not() {
    let before = tiny("before.jsonl");
    let after = changed(&before, "after.jsonl", |one| {
        if let Outcome::Samples(times) = &mut one.outcome {
            times.iter_mut().for_each(|time| *time *= 100.0);
        }
    });
    let (before, after) = (before.display(), after.display());
    let worse = run(&format!("--from {after} --baseline {before} --fail-on 50"));
    assert_eq!(worse.status.code(), Some(1));
    assert!(
        stderr(&worse).contains("coalescing on churn"),
        "{}",
        stderr(&worse)
    );
    assert!(stdout(&worse).contains("more"), "{}", stdout(&worse));
    let same = run(&format!("--from {before} --baseline {before} --fail-on 0"));
    assert!(same.status.success(), "{}", stderr(&same));
    assert!(stdout(&same).contains("no change within noise"));
    let better = run(&format!("--from {before} --baseline {after} --fail-on 0"));
    assert!(better.status.success(), "{}", stderr(&better));
}

/// The same results, as of another run on a machine that this changes.
fn elsewhere(path: &Path, name: &str, change: fn(&mut Environment)) -> PathBuf {
    let mut results = results(path);
    results.runs[0].id += 1;
    change(&mut results.runs[0]);
    let other = file(name);
    fs::write(&other, lines::of(&results).unwrap()).unwrap();
    other
}

#[test]
fn another_machine_or_build_is_taken_along_only_if_that_is_asked_for() {
    let own = tiny("own.jsonl");
    let machine = elsewhere(&own, "machine.jsonl", |run| run.machine.cpu += " II");
    let build = elsewhere(&own, "build.jsonl", |run| {
        *run.builds.get_mut("bench-harness").unwrap() ^= 1;
    });
    let n_figures = results(&own).measurements.len();
    let [own, machine, build] = [&own, &machine, &build].map(|path| path.display());
    for refused in [
        format!("show {own} {machine}"),
        format!("rank {own} {build}"),
        format!("cmp {own} {machine}"),
        format!("--from {own} --baseline {machine}"),
    ] {
        let output = run(&refused);
        assert_eq!(output.status.code(), Some(2), "{refused}");
        assert!(
            stderr(&output).contains("--any-machine"),
            "{}",
            stderr(&output)
        );
        let asked = run(&format!("{refused} --any-machine"));
        assert!(asked.status.success(), "{refused}: {}", stderr(&asked));
    }
    let after_a_change = run(&format!("cmp {own} {build}"));
    assert!(after_a_change.status.success(), "what cmp is for");
    let both = run(&format!("csv {own} {machine}"));
    assert_eq!(
        stdout(&both)
            .lines()
            .filter(|line| line.starts_with("1,"))
            .count(),
        n_figures
    );
}

#[test]
fn results_of_an_earlier_version_say_how_to_measure_again() {
    let older = file("older.json");
    fs::write(
        &older,
        "{\n\"schema\": 2,\n\"command\": \"cargo xtask bench\"}",
    )
    .unwrap();
    let output = run(&format!("show {}", older.display()));
    assert_eq!(output.status.code(), Some(2));
    let error = stderr(&output);
    assert!(
        error.contains("measure again: cargo xtask bench"),
        "{error}"
    );
}

#[test]
fn a_run_is_kept_under_a_name() {
    let json = tiny("to-save.jsonl");
    let name = format!("test-{}", std::process::id());
    let saved = run(&format!("--from {} --save {name}", json.display()));
    assert!(saved.status.success(), "{}", stderr(&saved));
    let compared = run(&format!("--from {} --baseline {name}", json.display()));
    assert!(compared.status.success(), "{}", stderr(&compared));
    assert!(stdout(&compared).contains(&format!("Changes since {name}")));
    let kept = bench_harness::output::saved::find(&name).unwrap();
    fs::remove_file(kept).unwrap();
    let gone = run(&format!("--from {} --baseline {name}", json.display()));
    assert!(
        stderr(&gone).contains(&format!("--save {name}")),
        "{}",
        stderr(&gone)
    );
}

#[test]
fn a_time_that_is_gone_fails_the_run() {
    let before = tiny("with-time.jsonl");
    let after = changed(&before, "without-time.jsonl", |one| {
        if one.subject.name == "coalescing" {
            one.outcome = Outcome::Stopped("too slow: 10 of 1,000 operations".to_string());
        }
    });
    let (before, after) = (before.display(), after.display());
    let worse = run(&format!(
        "--from {after} --baseline {before} --fail-on 10000"
    ));
    assert!(!worse.status.success());
    let error = stderr(&worse);
    assert!(
        error.contains("time of coalescing on churn (was"),
        "{error}"
    );
    assert!(error.contains("now none: too slow"), "{error}");
}

const LONG: &str =
    "--ops 2000 --reps 3 --stage libc coalescing freelist --workload churn ramp random-actions";

/// Takes workloads out.
fn without(results: &mut Results, workloads: &[&str]) {
    let is_in = |case: &Case| !workloads.contains(&case.name.as_str());
    results.measurements.retain(|one| is_in(&one.case));
    results.attachments.retain(|one| is_in(&one.case));
}

/// Starts a long run and waits until its first workload is on disk, in `partial`.
fn started(json: &Path, partial: &Path) -> Child {
    let mut child = command(&format!("{LONG} --json {}", json.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the harness starts");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !partial.is_file() && Instant::now() < deadline && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(5));
    }
    assert!(
        partial.is_file(),
        "the first workload is kept as soon as it is done"
    );
    assert!(!json.is_file(), "and it is not the whole");
    child
}

fn send(child: &Child, signal: libc::c_int) {
    // SAFETY: signals a child that was not waited for.
    let sent = unsafe { libc::kill(child.id() as libc::pid_t, signal) };
    assert_eq!(sent, 0);
}

#[test]
fn a_killed_run_leaves_what_it_finished_and_is_resumed() {
    let json = file("killed.jsonl");
    let partial = partial(&json);
    let mut child = started(&json, &partial);
    send(&child, libc::SIGKILL);
    child.wait().unwrap();
    let killed = read(&partial);
    assert!(killed.interrupted && !killed.workloads.is_empty());
    let resumed = run(&format!("{LONG} --json {} --resume", json.display()));
    assert!(resumed.status.success(), "{}", stderr(&resumed));
    let whole = read(&json);
    assert!(!whole.interrupted && whole.workloads.len() == 3);
    assert!(!partial.is_file(), "the whole run has all of it");
    assert_eq!(
        whole.workloads[..killed.workloads.len()],
        killed.workloads[..],
        "what was done is not measured again"
    );
    let other = run(&format!(
        "{LONG} --seed 2 --json {} --resume",
        json.display()
    ));
    assert!(
        stderr(&other).contains("cannot be resumed"),
        "{}",
        stderr(&other)
    );
    assert_eq!(read(&json), whole, "and it is kept");
    let mut rebuilt = results(&json);
    *rebuilt.runs[0].builds.get_mut("bench-harness").unwrap() ^= 1;
    fs::write(&json, lines::of(&rebuilt).unwrap()).unwrap();
    let output = run(&format!("{LONG} --json {} --resume", json.display()));
    assert!(!output.status.success());
    assert!(
        stderr(&output).contains("another build of bench-harness"),
        "{}",
        stderr(&output)
    );
}

/// Whether the process has started another one by now.
fn has_child(id: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{id}/task"));
    let mut threads = threads.into_iter().flatten().flatten();
    threads.any(|thread| {
        let children = fs::read_to_string(thread.path().join("children"));
        children.is_ok_and(|children| !children.trim().is_empty())
    })
}

/// Starts a run, waits until it measures, sends it a signal, and returns how it ended.
fn interrupt(args: &str, signal: libc::c_int) -> Output {
    let mut child = command(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the harness starts");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !has_child(child.id()) && child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "nothing is measured");
        sleep(Duration::from_millis(5));
    }
    send(&child, signal);
    child.wait_with_output().unwrap()
}

#[test]
fn a_resumed_run_that_is_interrupted_loses_nothing() {
    let (json, csv) = (file("resumed-twice.jsonl"), file("resumed-twice.csv"));
    let partial = partial(&json);
    // So many repetitions that no workload is done before the signal.
    let endless = format!("{LONG} --reps 1000 --json {}", json.display());
    let output = run(&format!(
        "{LONG} --json {} --csv {}",
        json.display(),
        csv.display()
    ));
    assert!(output.status.success(), "{}", stderr(&output));
    let page = json.with_extension("html");
    let older = [&json, &csv, &page].map(|path| fs::read(path).unwrap());
    let mut earlier = results(&json);
    let folder = format!("{}/", bench_harness::select::workspace().display());
    let options = format!("{endless} --csv {}", csv.display());
    earlier.runs[0].command = format!("cargo xtask bench {options}").replace(&folder, "");
    earlier.runs[0].reps = 1000;
    without(&mut earlier, &["churn"]);
    fs::write(&partial, lines::of(&earlier).unwrap()).unwrap();
    let earlier = Report::of(&earlier).unwrap();
    for signal in [libc::SIGINT, libc::SIGTERM] {
        let output = interrupt(&format!("{options} --resume"), signal);
        let error = stderr(&output);
        assert_eq!(output.status.code(), Some(128 + signal), "{error}");
        let report = read(&partial);
        assert!(report.interrupted && !report.means.is_empty());
        assert_eq!(report.workloads, earlier.workloads);
        assert!(partial.with_extension("html").is_file());
        assert_eq!(
            fs::read_to_string(csv.with_extension("partial.csv"))
                .unwrap()
                .lines()
                .filter(|line| line.contains(",time,ns,"))
                .count(),
            6
        );
        assert!(error.contains("resumed-twice.partial.jsonl"), "{error}");
        assert!(error.contains("--resume"), "it says how to go on: {error}");
    }
    let now = [&json, &csv, &page].map(|path| fs::read(path).unwrap());
    assert_eq!(now, older, "the older results are as they were");
}

#[test]
fn a_run_that_is_interrupted_at_once_writes_nothing() {
    let json = file("at-once.jsonl");
    let partial = partial(&json);
    fs::write(&json, "an older report").unwrap();
    for (mode, signal) in [
        (LONG, libc::SIGINT),
        (LONG, libc::SIGTERM),
        ("--flat --stage coalescing", libc::SIGINT),
        ("--arenas", libc::SIGTERM),
    ] {
        let args = format!("{mode} --reps 1000 --json {}", json.display());
        let output = interrupt(&args, signal);
        assert_eq!(
            output.status.code(),
            Some(128 + signal),
            "{}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains("nothing is written"),
            "{}",
            stderr(&output)
        );
        assert_eq!(fs::read_to_string(&json).unwrap(), "an older report");
        assert!(!partial.is_file() && !json.with_extension("html").is_file());
    }
}

#[test]
fn a_resumed_run_keeps_what_is_finished_in_every_write() {
    let json = file("resumed-partly.jsonl");
    let partial = partial(&json);
    let work = format!("{LONG} --json {}", json.display());
    assert!(run(&work).status.success());
    let mut earlier = results(&json);
    without(&mut earlier, &["churn", "ramp"]);
    fs::write(&partial, lines::of(&earlier).unwrap()).unwrap();
    let earlier = Report::of(&earlier).unwrap();
    let mut child = command(&format!("{work} --resume"))
        .stdout(Stdio::null())
        .spawn()
        .expect("the harness starts");
    let mut n_seen = 1;
    while child.try_wait().unwrap().is_none() {
        // The file is gone when the run is done.
        if let Ok(text) = fs::read_to_string(&partial) {
            let (kept, _) = lines::parse(text.as_bytes(), "partial").expect("it has lines");
            let kept = Report::of(&kept).unwrap();
            assert!(kept.workloads.contains(&earlier.workloads[0]));
            n_seen = n_seen.max(kept.workloads.len());
        }
        sleep(Duration::from_millis(5));
    }
    assert!(n_seen >= 2, "a write before the last was seen");
    assert_eq!(read(&json).workloads.len(), 3);
    assert!(!partial.is_file());
}

#[test]
fn two_runs_into_one_report_leave_a_whole_one() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("two-runs");
    let _ = fs::remove_dir_all(&folder);
    let json = folder.join("both.jsonl");
    let start = || {
        let args = format!("{TINY} --json {}", json.display());
        let mut command = command(&args);
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the harness starts")
    };
    let mut runs = [start(), start()];
    for run in &mut runs {
        assert!(run.wait().unwrap().success());
    }
    assert!(!read(&json).interrupted);
    let mut names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["both.html", "both.jsonl"],
        "nothing partial or temporary is left"
    );
}

#[test]
fn a_baseline_without_a_common_row_is_refused_before_the_run() {
    let before = tiny("other-work.jsonl");
    let baseline = format!("--baseline {} --fail-on 5", before.display());
    let json = file("incomparable.jsonl");
    let other = TINY.replace("churn", "ramp");
    let output = run(&format!("{other} {baseline} --json {}", json.display()));
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("no row in common"),
        "{}",
        stderr(&output)
    );
    assert!(
        stdout(&output).is_empty() && !json.is_file(),
        "nothing was measured"
    );
    let output = run(&format!("{other} --json {}", json.display()));
    assert!(output.status.success(), "{}", stderr(&output));
    let output = run(&format!("{baseline} --from {}", json.display()));
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("no row in common"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn results_that_cannot_be_written_are_an_error_before_the_run() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    let output = run(&format!("{TINY} --json {folder}"));
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("name another file with --json"),
        "{}",
        stderr(&output)
    );
    assert!(stdout(&output).is_empty(), "nothing was measured");
}

#[test]
fn a_full_disk_is_said_and_the_tables_are_printed_all_the_same() {
    let output = run(&format!("{TINY} --json /dev/full"));
    assert_eq!(output.status.code(), Some(2));
    let error = stderr(&output);
    assert!(error.contains("error: cannot write /dev/full"), "{error}");
    assert!(error.contains("No space left"), "{error}");
    assert!(
        stdout(&output).contains("coalescing"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_trace_that_is_none_is_an_error_that_names_it() {
    let shipped = bench_harness::select::workspace().join("bench-harness/traces/jq.trace");
    let shipped = fs::read(shipped).unwrap();
    let elf = fs::read(env!("CARGO_BIN_EXE_bench-harness")).unwrap();
    let bad: [(&str, &[u8]); 5] = [
        ("empty.trace", b""),
        ("garbage.trace", b"\x00\x01garbage"),
        ("text.trace", b"#!/bin/sh\necho no trace\n"),
        ("program.trace", &elf[..4096]),
        ("cut.trace", &shipped[..shipped.len() / 2]),
    ];
    for (name, bytes) in bad {
        let trace = file(name);
        fs::write(&trace, bytes).unwrap();
        let output = run(&format!("--json - --trace {}", trace.display()));
        let error = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {error}");
        assert!(error.contains(name) && error.lines().count() < 4, "{error}");
        assert_eq!(error.contains("--prefix"), name == "cut.trace", "{error}");
        assert!(stdout(&output).is_empty());
    }
    for path in [env!("CARGO_TARGET_TMPDIR"), "/no/such.trace"] {
        let output = run(&format!("--json - --trace {path}"));
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(path), "{}", stderr(&output));
    }
}

#[test]
fn parts_are_put_together_to_the_whole() {
    let work = "--ops 1000 --reps 3 --stage libc coalescing talc bump --workload churn";
    let parts = [file("part-1.json"), file("part-2.json")];
    for (index, part) in parts.iter().enumerate() {
        let shard = format!("--shard {}/2 --json {}", index + 1, part.display());
        let output = run(&format!("{work} {shard}"));
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let whole = file("whole.jsonl");
    let texts = parts
        .each_ref()
        .map(|part| fs::read_to_string(part).unwrap());
    fs::write(&whole, texts.concat()).unwrap();
    let report = read(&whole);
    assert_eq!(report.workloads[0].rows.len(), 4);
    assert!(report.means.iter().all(|mean| mean.time_ratio.is_some()));
    let shown = run(&format!("show {}", whole.display()));
    assert!(stdout(&shown).contains("talc"), "{}", stderr(&shown));
    let once = run("merge a.json b.json -o whole.json");
    assert_eq!(once.status.code(), Some(2));
    assert!(
        stderr(&once).contains("cat part-*.jsonl"),
        "{}",
        stderr(&once)
    );
}

#[test]
fn a_mode_of_any_kind_is_made_in_parts_and_resumed() {
    let kernel = "--global pair --threads 1 --reps 1 --quick --stage thread-cached libc";
    let part = |index: usize| {
        let json = file(&format!("kernel-{index}.jsonl"));
        let shard = format!("--shard {index}/2 --json {}", json.display());
        let output = run(&format!("{kernel} {shard}"));
        assert!(output.status.success(), "{}", stderr(&output));
        let before = results(&json);
        let output = run(&format!("{kernel} {shard} --resume"));
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(results(&json).measurements, before.measurements);
        before.measurements.len()
    };
    assert_eq!([part(1), part(2)], [3, 0], "two subjects and the loop");
}

#[test]
fn tables_come_as_markdown_and_as_values() {
    let json = tiny("tables.jsonl");
    let markdown = run(&format!("--from {} --markdown", json.display()));
    assert!(
        stdout(&markdown).starts_with("# Allocators compared"),
        "{}",
        stdout(&markdown)
    );
    assert!(stdout(&markdown).contains("| coalescing |"));
    assert!(
        stderr(&markdown).contains("coalescing"),
        "the tables are beside it"
    );
    let csv = file("tables.csv");
    let output = run(&format!(
        "--from {} --csv {}",
        json.display(),
        csv.display()
    ));
    assert!(stdout(&output).contains("coalescing"), "the tables stay");
    let text = fs::read_to_string(csv).unwrap();
    let times = text.lines().filter(|line| line.contains(",time,ns,"));
    assert_eq!(times.count(), 2);
}

#[test]
fn the_page_is_written_beside_the_json() {
    let json = tiny("page.jsonl");
    assert!(json.with_extension("html").is_file());
    let page = file("elsewhere.html");
    let output = run(&format!(
        "--from {} --html {}",
        json.display(),
        page.display()
    ));
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(page.is_file());
}
