//! Workloads by their names and options on the command line.

use std::process::{Command, Output};

use bench_harness::report::Report;
use bench_harness::workloads::WORKLOADS;

fn harness(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    command.args(args).output().expect("the harness starts")
}

/// Runs `bench` on little work and reads its JSON back.
fn tiny(args: &[&str]) -> Report {
    let common = ["bench", "--json", "-", "--ops", "1000", "--reps", "1"];
    let output = harness(&[&common, args].concat());
    crate::support::report(&output)
}

#[test]
fn all_selects_every_workload() {
    let report = tiny(&["--workload", "all", "--stage", "bump"]);
    let names: Vec<&str> = report.workloads.iter().map(|w| w.name.as_str()).collect();
    assert!(names.contains(&"sqlite"), "{names:?}");
    for workload in WORKLOADS {
        assert!(names.contains(&workload.name), "{names:?}");
    }
}

#[test]
fn a_profile_is_a_workload() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.csv");
    std::fs::write(&path, "size,alloc_rate,num_live\n24,100,50\n64,10,20\n").unwrap();
    let report = tiny(&["--profile", path.to_str().unwrap(), "--stage", "coalescing"]);
    assert_eq!(report.workloads.len(), 1);
    assert_eq!(report.workloads[0].name, "service");
    assert_eq!(report.workloads[0].n_ops, 1000);
}

#[test]
fn a_bad_profile_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.csv");
    std::fs::write(&path, "24,100,50\n64;10;20\n").unwrap();
    let output = harness(&["bench", "--json", "-", "--profile", path.to_str().unwrap()]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(errors.contains("service.csv: line 2"), "{errors}");
}

#[test]
fn the_list_says_what_each_workload_exposes() {
    let output = harness(&["bench", "--list"]);
    let list = String::from_utf8_lossy(&output.stdout);
    for workload in WORKLOADS {
        assert!(list.contains(workload.name), "{list}");
    }
    assert!(list.contains("exposes"), "{list}");
}
