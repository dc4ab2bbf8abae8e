//! Libraries preloaded into replays and real commands.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use crate::support::harness_with_small_pages;
use crate::support::report;
use bench_harness::preload::{CommandRow, Exit};
use bench_results::{Linkage, Outcome};

/// glibc's malloc under its other names, and what the test adds to it.
const LIBRARY: &str = r#"
use std::ffi::c_void;
unsafe extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn write(fd: i32, bytes: *const u8, len: usize) -> isize;
    fn pause() -> i32;
}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    if cfg!(crash) { std::process::abort() }
    if cfg!(hang) { unsafe { pause() }; }
    if cfg!(loud) { unsafe { write(1, b"!".as_ptr(), 1) }; }
    unsafe { __libc_malloc(size) }
}
"#;

/// Builds the library with `cfg` set, once for all tests.
fn library(cfg: &'static str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<&str, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap();
    built.entry(cfg).or_insert_with(|| build(cfg)).clone()
}

fn build(cfg: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let source = folder.join(format!("malloc_{cfg}.rs"));
    let library = folder.join(format!("libmalloc_{cfg}.so"));
    std::fs::write(&source, LIBRARY).unwrap();
    let built = Command::new("rustc")
        .args([
            "--edition",
            "2024",
            "--crate-type",
            "cdylib",
            "-C",
            "panic=abort",
        ])
        .args(["--cfg", cfg, "-A", "unexpected_cfgs", "-o"])
        .args([&library, &source])
        .output()
        .expect("rustc runs");
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    library
}

fn bench(args: &[&str]) -> Output {
    let mut harness = harness_with_small_pages();
    harness.args(["bench", "--json", "-", "--reps", "2"]);
    harness.args(args).output().expect("the harness starts")
}

fn named(name: &str, path: &Path) -> String {
    format!("{name}={}", path.display())
}

/// Rows of `command` under libc and libraries built with each of `cfgs`.
fn rows(command: &str, cfgs: &[&'static str]) -> (Output, Vec<CommandRow>) {
    let libraries: Vec<String> = cfgs.iter().map(|cfg| named(cfg, &library(cfg))).collect();
    let mut args = vec!["--timeout", "2", "--command", command];
    for library in &libraries {
        args.extend(["--preload", library]);
    }
    let output = bench(&args);
    let rows = report(&output).commands.remove(0).rows;
    (output, rows)
}

#[test]
fn a_real_command_is_measured_and_compared_with_libc() {
    let (output, rows) = rows("sort /proc/self/status --key=2", &["plain"]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!(row.exit, Some(Exit::Status(0)), "{row:?}");
        assert_eq!(row.runs.len(), 2);
        let (wall, peak) = (row.wall.unwrap(), row.peak_rss.unwrap());
        assert!(wall.min > 0.0 && wall.min <= wall.median && wall.median <= wall.max);
        assert!(
            peak.min > 0.0 && row.minor_faults.unwrap().min > 0.0,
            "{row:?}"
        );
    }
    assert!(rows[0].library.is_none() && rows[1].library.is_some());
}

#[test]
fn the_peak_of_a_small_command_is_its_own() {
    let output = bench(&["--command", "true"]);
    let rows = &report(&output).commands[0].rows;
    let peak = rows[0].peak_rss.unwrap();
    assert!(peak.median < f64::from(8 << 20), "{peak:?}");
}

#[test]
fn a_crash_a_hang_and_another_output_are_rows() {
    let (output, rows) = rows("sort /etc/passwd", &["crash", "hang", "loud"]);
    assert!(!output.status.success());
    let [libc, crash, hang, loud] = &rows[..] else {
        panic!("{rows:?}")
    };
    assert!(!libc.broken && libc.notes.is_empty(), "{libc:?}");
    assert!(
        crash.broken && crash.notes[0] == "crashed with signal 6",
        "{crash:?}"
    );
    assert!(
        hang.broken && hang.notes[0].contains("hung: stopped after"),
        "{hang:?}"
    );
    assert_eq!(hang.runs.len(), 1, "it is not tried again");
    assert!(!loud.broken, "{loud:?}");
    assert_eq!(loud.notes, ["standard output differs from libc's"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("crash on sort /etc/passwd"), "{stderr}");
}

#[test]
fn what_is_no_library_is_refused_before_the_run() {
    for (argument, words) in [
        ("x=/no/such.so", "there is no library"),
        ("x=/etc/passwd", "no shared library"),
        ("/etc/passwd", "NAME=PATH"),
    ] {
        let output = bench(&["--command", "true", "--preload", argument]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && stderr.contains(words),
            "{stderr}"
        );
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_preloaded_library_is_a_row_of_a_replay() {
    let (plain, crash) = (
        named("plain", &library("plain")),
        named("crash", &library("crash")),
    );
    let output = bench(&[
        "--stage",
        "libc",
        "--workload",
        "churn",
        "--ops",
        "2000",
        "--preload",
        &plain,
        "--preload",
        &crash,
    ]);
    let report = report(&output);
    let row = |name| {
        report.workloads[0]
            .rows
            .iter()
            .find(|row| row.allocator == name)
            .unwrap()
    };
    assert!(
        row("plain").time.is_some() && !row("plain").remarks.broken,
        "{:?}",
        row("plain")
    );
    // It is glibc's own malloc, so it needs what libc needs and the library's few pages.
    let footprint = |name| row(name).footprint.bytes.unwrap();
    assert!(footprint("plain") > 0 && footprint("plain") < footprint("libc") + (1 << 20));
    assert!(
        row("crash").remarks.broken && row("crash").time.is_none(),
        "{:?}",
        row("crash")
    );
    assert!(
        report
            .versions
            .iter()
            .any(|(name, file)| name == "plain" && file.ends_with(".so"))
    );
}

#[test]
fn a_preloaded_library_is_a_column_of_a_micro_benchmark() {
    let libraries = ["plain", "crash"].map(|cfg| named(cfg, &library(cfg)));
    let mut args = vec!["--quick", "--global", "pair", "--threads", "1"];
    args.extend(["--stage", "libc"]);
    for library in &libraries {
        args.extend(["--preload", library]);
    }
    let output = bench(&args);
    assert!(!output.status.success());
    let rows = report(&output).measurements;
    let [libc, plain, crash, _] = &rows[..] else {
        panic!("{rows:?}")
    };
    let linkages = [libc, plain].map(|one| one.subject.linkage);
    assert_eq!(linkages, [Linkage::Linked, Linkage::Preloaded]);
    let n_figures = [libc, plain].map(|one| one.outcome.samples().len());
    assert_eq!(n_figures, [2, 2]);
    assert!(matches!(crash.outcome, Outcome::Failed(_)), "{crash:?}");
    assert!(
        crash.outcome.why().contains("crashed with signal 6"),
        "{crash:?}"
    );
}

#[test]
fn a_preloaded_library_needs_a_name_of_its_own() {
    let library = named("talc", &library("plain"));
    let output = bench(&["--preload", &library, "--workload", "churn"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("another allocator called `talc`"),
        "{stderr}"
    );
    let twice = [
        "--command",
        "true",
        "--preload",
        &library,
        "--preload",
        &library,
    ];
    let stderr = String::from_utf8(bench(&twice).stderr).expect("a message");
    assert!(stderr.contains("another row called `talc`"), "{stderr}");
}

#[test]
fn a_library_s_variables_are_there_for_its_commands_alone() {
    let plain = library("plain");
    let with = format!("{} LANGUAGE=xx COLUMNS=7", named("with", &plain));
    let without = named("without", &plain);
    let shown = "sh -c 'echo $LANGUAGE $COLUMNS'";
    let output = bench(&[
        "--command",
        shown,
        "--preload",
        &with,
        "--preload",
        &without,
    ]);
    let rows = report(&output).commands.remove(0).rows;
    let length = |row: &CommandRow| row.runs[0].stdout.0;
    assert_eq!([1, 2].map(|row| length(&rows[row])), [5, length(&rows[0])]);
    let library = rows[1].library.as_deref().expect("a library");
    assert!(library.ends_with(" LANGUAGE=xx COLUMNS=7"), "{library}");
    let replay = bench(&["--preload", &with, "--workload", "churn"]);
    let stderr = String::from_utf8_lossy(&replay.stderr);
    assert!(stderr.contains("variables of with"), "{stderr}");
}

#[test]
fn a_packaged_allocator_runs_a_real_command() {
    let jemalloc = Path::new("/usr/lib").join(format!(
        "{}-linux-gnu/libjemalloc.so.2",
        std::env::consts::ARCH
    ));
    if !jemalloc.exists() {
        println!("skipped: apt-get install libjemalloc2");
        return;
    }
    let library = named("jemalloc", &jemalloc);
    let output = bench(&["--command", "sort /etc/passwd", "--preload", &library]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let row = &report(&output).commands[0].rows[1];
    assert!(!row.broken && row.notes.is_empty(), "{row:?}");
}
