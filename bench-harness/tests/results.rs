//! What becomes of results: kept, compared, resumed, split and put together.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bench_harness::report::Report;

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

fn read(path: &Path) -> Report {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).expect("it is whole")
}

/// The results of a tiny run, with every time multiplied.
fn tiny(name: &str, factor: f64) -> PathBuf {
    let path = file(name);
    let output = run(&format!("{TINY} --json {}", path.display()));
    assert!(output.status.success(), "{}", stderr(&output));
    let mut report = read(&path);
    for row in &mut report.workloads[0].rows {
        row.times.iter_mut().for_each(|time| *time *= factor);
        let time = row.time.as_mut().expect("it completed");
        time.median *= factor;
    }
    fs::write(&path, serde_json::to_string(&report).unwrap()).unwrap();
    path
}

#[test]
fn a_regression_fails_the_run_and_noise_does_not() {
    let before = tiny("before.json", 1.0);
    let mut slower = read(&before);
    for row in &mut slower.workloads[0].rows {
        row.times.iter_mut().for_each(|time| *time *= 100.0);
        row.time.as_mut().unwrap().median *= 100.0;
    }
    let after = file("after.json");
    fs::write(&after, serde_json::to_string(&slower).unwrap()).unwrap();
    let (before, after) = (before.display(), after.display());
    let worse = run(&format!("--from {after} --baseline {before} --fail-on 50"));
    assert!(!worse.status.success());
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

#[test]
fn a_run_is_kept_under_a_name() {
    let json = tiny("to-save.json", 1.0);
    let name = format!("test-{}", std::process::id());
    let saved = run(&format!("--from {} --save {name}", json.display()));
    assert!(saved.status.success(), "{}", stderr(&saved));
    let compared = run(&format!("--from {} --baseline {name}", json.display()));
    assert!(compared.status.success(), "{}", stderr(&compared));
    assert!(stdout(&compared).contains(&format!("Changes since {name}")));
    let kept = bench_harness::compare::saved::find(&name).unwrap();
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
    let before = tiny("with-time.json", 1.0);
    let mut without = read(&before);
    let mut rows = without.workloads[0].rows.iter_mut();
    let row = rows.find(|row| row.allocator == "coalescing").unwrap();
    row.time = None;
    row.notes
        .insert(0, "too slow: 10 of 1,000 operations".to_string());
    let after = file("without-time.json");
    fs::write(&after, serde_json::to_string(&without).unwrap()).unwrap();
    let (before, after) = (before.display(), after.display());
    let worse = run(&format!(
        "--from {after} --baseline {before} --fail-on 10000"
    ));
    assert!(!worse.status.success());
    let error = stderr(&worse);
    assert!(error.contains("coalescing on churn (time was"), "{error}");
    assert!(error.contains("now none: too slow"), "{error}");
}

const LONG: &str =
    "--ops 30000 --reps 3 --stage libc coalescing first-fit --workload churn ramp random-actions";

/// Starts a long run and waits until its first workload is on disk.
fn started(json: &Path) -> Child {
    let mut child = command(&format!("{LONG} --json {}", json.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the harness starts");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !json.is_file() && Instant::now() < deadline && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(5));
    }
    assert!(
        json.is_file(),
        "the first workload is kept as soon as it is done"
    );
    child
}

fn send(child: &Child, signal: libc::c_int) {
    // SAFETY: signals a child that was not waited for.
    let sent = unsafe { libc::kill(child.id() as libc::pid_t, signal) };
    assert_eq!(sent, 0);
}

#[test]
fn a_killed_run_leaves_what_it_finished_and_is_resumed() {
    let json = file("killed.json");
    let mut child = started(&json);
    send(&child, libc::SIGKILL);
    child.wait().unwrap();
    let killed = read(&json);
    // It may have been done before the signal.
    assert!(killed.interrupted || killed.workloads.len() == 3);
    assert!(!killed.workloads.is_empty());
    let resumed = run(&format!("{LONG} --json {} --resume", json.display()));
    assert!(resumed.status.success(), "{}", stderr(&resumed));
    let whole = read(&json);
    assert!(!whole.interrupted && whole.workloads.len() == 3);
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
    let mut rebuilt = whole;
    *rebuilt.builds.get_mut("bench-harness").unwrap() ^= 1;
    fs::write(&json, serde_json::to_string(&rebuilt).unwrap()).unwrap();
    let output = run(&format!("{LONG} --json {} --resume", json.display()));
    assert!(!output.status.success());
    assert!(
        stderr(&output).contains("another build of bench-harness"),
        "{}",
        stderr(&output)
    );
}

/// Whether the process has a handler for SIGTERM by now.
fn handles_term(id: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let caught = status
        .lines()
        .find_map(|line| line.strip_prefix("SigCgt:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    caught.is_some_and(|mask| mask & (1 << 14) != 0)
}

#[test]
fn a_resumed_run_that_is_interrupted_loses_nothing() {
    let json = file("resumed-twice.json");
    // So many repetitions that no workload is done before the signal.
    let endless = format!("{LONG} --reps 1000 --json {}", json.display());
    let output = run(&format!("{LONG} --json {}", json.display()));
    assert!(output.status.success(), "{}", stderr(&output));
    let mut earlier = read(&json);
    let folder = format!("{}/", bench_harness::select::workspace().display());
    earlier.command = format!("cargo xtask bench {endless}").replace(&folder, "");
    earlier.reps = 1000;
    earlier.workloads.remove(0);
    fs::write(&json, serde_json::to_string(&earlier).unwrap()).unwrap();
    let mut child = command(&format!("{endless} --resume"))
        .stdout(Stdio::null())
        .spawn()
        .expect("the harness starts");
    while !handles_term(child.id()) && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(5));
    }
    send(&child, libc::SIGTERM);
    assert!(child.wait().unwrap().success());
    let report = read(&json);
    assert!(report.interrupted);
    assert_eq!(report.workloads, earlier.workloads);
}

#[test]
fn a_resumed_run_keeps_what_is_finished_in_every_write() {
    let json = file("resumed-partly.json");
    let work = format!("{LONG} --json {}", json.display());
    assert!(run(&work).status.success());
    let mut earlier = read(&json);
    earlier.workloads.drain(..2);
    fs::write(&json, serde_json::to_string(&earlier).unwrap()).unwrap();
    let mut child = command(&format!("{work} --resume"))
        .stdout(Stdio::null())
        .spawn()
        .expect("the harness starts");
    let mut n_seen = 1;
    while child.try_wait().unwrap().is_none() {
        let kept = read(&json);
        assert!(kept.workloads.contains(&earlier.workloads[0]));
        n_seen = n_seen.max(kept.workloads.len());
        sleep(Duration::from_millis(5));
    }
    assert!(n_seen >= 2, "a write before the last was seen");
    assert_eq!(read(&json).workloads.len(), 3);
}

#[test]
fn an_interrupted_run_says_so_in_its_results() {
    for signal in [libc::SIGINT, libc::SIGTERM] {
        let json = file(&format!("interrupted-{signal}.json"));
        let mut child = started(&json);
        send(&child, signal);
        child.wait().unwrap();
        let report = read(&json);
        assert!(report.interrupted || report.workloads.len() == 3);
        assert!(!report.means.is_empty());
    }
}

#[test]
fn a_full_disk_is_said_and_the_tables_are_printed_all_the_same() {
    let output = run(&format!("{TINY} --json /dev/full"));
    assert!(!output.status.success());
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
    let trace = file("no.trace");
    fs::write(&trace, b"\x00\x01garbage").unwrap();
    let output = run(&format!("--json - --trace {}", trace.display()));
    assert!(!output.status.success());
    assert!(stderr(&output).contains("no.trace"), "{}", stderr(&output));
    let folder = run(&format!("--json - --trace {}", env!("CARGO_TARGET_TMPDIR")));
    assert!(!folder.status.success());
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
    let whole = file("whole.json");
    let [first, second] = parts.each_ref().map(|part| part.display());
    let output = run(&format!("merge {first} {second} -o {}", whole.display()));
    assert!(output.status.success(), "{}", stderr(&output));
    let report = read(&whole);
    assert_eq!(report.workloads[0].rows.len(), 4);
    assert!(report.means.iter().all(|mean| mean.time_ratio.is_some()));
    let none = run("merge");
    assert!(!none.status.success());
}

#[test]
fn tables_come_as_markdown_and_as_values() {
    let json = tiny("tables.json", 1.0);
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
    assert_eq!(text.lines().count(), 3);
}

#[test]
fn the_page_is_written_beside_the_json() {
    let json = tiny("page.json", 1.0);
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
