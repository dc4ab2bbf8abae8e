//! The book's chapter on large studies, done: its scripts as they stand there, on two small traces.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bench_harness::allocators::Need;
use bench_harness::trace::Trace;
use bench_harness::workloads::WORKLOADS;

const CHAPTER: &str = include_str!("../../../docs/src/clusters.md");

/// The first script below a heading of the chapter.
fn script(heading: &str) -> &'static str {
    let (_, section) = CHAPTER
        .split_once(&format!("\n## {heading}\n"))
        .expect("the chapter has the heading");
    let (_, script) = section.split_once("```sh\n").expect("it has a script");
    let (script, _) = script.split_once("```").expect("the script ends");
    script
}

/// The scripts of the section on lists: the list, GNU parallel, the job array.
fn scripts_of_a_list() -> [&'static str; 3] {
    let (_, section) = CHAPTER
        .split_once("\n## A list of commands\n")
        .expect("it is there");
    let mut scripts = section.split("```sh\n").skip(1);
    let script = |part: &'static str| part.split_once("```").expect("it ends").0;
    std::array::from_fn(|_| script(scripts.next().expect("it has three scripts")))
}

/// The program, which measures a row once for the scripts that do not say how often: what is asked of
/// them is which rows there are.
const ONCE: &str = "#!/bin/sh
set -- \"$@\" --reps 1
exec ";

/// A folder as the scripts want it: the program where a release build puts it, and two traces.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("target/release")).unwrap();
    fs::create_dir_all(folder.join("traces")).unwrap();
    let program = folder.join("target/release/bench-harness");
    let once = [ONCE, env!("CARGO_BIN_EXE_bench-harness"), " \"$@\"\n"].concat();
    fs::write(&program, once).unwrap();
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    for workload in &WORKLOADS[..2] {
        let trace: Trace = (workload.generate)(1, 200);
        let file = folder.join("traces").join(workload.name);
        trace.write(file.with_extension("trace")).unwrap();
    }
    folder
}

fn sh(folder: &Path, script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(folder);
    command
}

fn done(command: &mut Command) -> Output {
    let output = command.output().expect("there is a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    output
}

/// The footprint of each row of a fixed heap, by workload and allocator: the same in every run.
type Rows = BTreeMap<(String, String), Option<usize>>;

fn rows(json: &Path) -> Rows {
    let report = crate::support::read(json);
    let mut rows = BTreeMap::new();
    for workload in report.workloads {
        for row in workload.rows {
            let is_fixed = matches!(row.need, Some(Need::Fixed | Need::Arena));
            let footprint = row.footprint.bytes.filter(|_| is_fixed);
            rows.insert((workload.name.clone(), row.allocator), footprint);
        }
    }
    rows
}

/// How the chapter puts parts together.
const MERGE: &str = "cat part-*.jsonl > study.jsonl";

/// The rows of all parts in `folder`, and those of the same study in one run.
fn merged_and_whole(folder: &Path) -> (Rows, Rows) {
    let whole = "target/release/bench-harness bench --trace traces/*.trace --json whole.jsonl";
    for script in [MERGE, whole] {
        done(&mut sh(folder, script));
    }
    (
        rows(&folder.join("study.jsonl")),
        rows(&folder.join("whole.jsonl")),
    )
}

#[test]
fn a_job_array_measures_what_one_run_does() {
    let script = script("SLURM");
    let (_, count) = script.split_once("--array=1-").expect("it is an array");
    let count: usize = count.split(' ').next().unwrap().parse().unwrap();
    assert!(script.contains(&format!("$SLURM_ARRAY_TASK_ID/{count}\"")));
    let folder = folder("job-array");
    fs::write(folder.join("job.sh"), script).unwrap();
    done(&mut sh(&folder, "sh -n job.sh"));
    for task in 1..=count {
        let task = task.to_string();
        done(sh(&folder, "sh job.sh").env("SLURM_ARRAY_TASK_ID", task));
    }
    let (merged, whole) = merged_and_whole(&folder);
    assert!(merged.len() > 20, "{merged:?}");
    assert!(CHAPTER.contains(MERGE));
    assert_eq!(merged, whole);
}

#[test]
fn parts_by_gnu_parallel_measure_what_one_run_does() {
    let gnu = Command::new("parallel").arg("--version").output();
    if !gnu.is_ok_and(|output| output.stdout.starts_with(b"GNU parallel")) {
        // Past the capture of test output: a skipped test says so.
        let note =
            "skipped: a script for GNU parallel, which is not here (apt-get install parallel)";
        writeln!(io::stderr(), "{note}").unwrap();
        return;
    }
    let folder = folder("gnu-parallel");
    done(&mut sh(&folder, script("GNU parallel")));
    let (merged, whole) = merged_and_whole(&folder);
    assert_eq!(merged, whole);
}

#[test]
fn a_list_of_commands_is_a_study_whose_parts_are_put_together_by_cat() {
    let folder = folder("list");
    let [list, parallel, array] = scripts_of_a_list();
    done(&mut sh(&folder, list));
    let text = fs::read_to_string(folder.join("study.txt")).unwrap();
    assert_eq!(text.lines().count(), 4, "{text}");
    let gnu = Command::new("parallel").arg("--version").output();
    let is_gnu = gnu.is_ok_and(|output| output.stdout.starts_with(b"GNU parallel"));
    let run = match is_gnu {
        true => parallel,
        false => "xargs -P 1 -I LINE sh -c LINE < study.txt",
    };
    assert!(is_gnu || CHAPTER.contains(run));
    fs::write(folder.join("array.sh"), array).unwrap();
    done(Command::new("bash").arg("-n").arg(folder.join("array.sh")));
    // The array does what a line of the list does: here the first one.
    done(sh(&folder, "sh array.sh").env("SLURM_ARRAY_TASK_ID", "1"));
    assert_eq!(
        text.lines().filter(|line| is_done(&folder, line)).count(),
        1
    );
    fs::write(folder.join("study.txt"), text.split_once('\n').unwrap().1).unwrap();
    done(&mut sh(&folder, run));
    done(&mut sh(&folder, "cat *.jsonl > study"));
    let (results, warning) = bench_results::lines::read(&folder.join("study")).unwrap();
    assert_eq!((results.runs.len(), warning), (4, None));
    let n_footprints = results
        .measurements
        .iter()
        .filter(|one| one.metric == "footprint")
        .count();
    assert_eq!(n_footprints, 4, "coalescing on each part");
}

/// Whether the part of a line of the list has its figures.
fn is_done(folder: &Path, line: &str) -> bool {
    let part = line.rsplit(' ').next().unwrap();
    folder.join(part).is_file()
}
