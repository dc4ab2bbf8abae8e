//! Reports made up for tests.

use super::{Detail, Report, Row, SCHEMA, Time, WorkloadReport};
use crate::job::Footprint;
use crate::machine;

/// A report of these workloads, from this machine.
pub(crate) fn report(workloads: Vec<WorkloadReport>) -> Report {
    Report {
        schema: SCHEMA,
        command: "cargo xtask bench".to_string(),
        machine: machine::here(),
        versions: Vec::new(),
        builds: Default::default(),
        seed: 1,
        reps: 5,
        seconds: 0.0,
        interrupted: false,
        workloads,
        means: Vec::new(),
        answers: Vec::new(),
        contest: None,
        measurements: Vec::new(),
        commands: Vec::new(),
    }
}

/// A workload with these rows.
pub(crate) fn workload(name: &str, rows: Vec<Row>) -> WorkloadReport {
    WorkloadReport {
        name: name.to_string(),
        about: "Why?".to_string(),
        fingerprint: Some(1),
        n_ops: 1000,
        peak_live: 500,
        room: 10_000,
        loop_ns: None,
        harness_ns: Some(2.0),
        is_threaded: false,
        frees_nothing: false,
        rows,
    }
}

/// A row with these times, the median first found among them, and this footprint.
pub(crate) fn row(allocator: &str, times: &[f64], bytes: usize) -> Row {
    let time = bench_results::stats::median(times).map(|median| Time {
        median,
        min: times.iter().copied().fold(f64::INFINITY, f64::min),
        max: times.iter().copied().fold(0.0, f64::max),
        n_runs: times.len(),
        page_faults: 0,
    });
    Row {
        allocator: allocator.to_string(),
        version: None,
        is_stage: !matches!(allocator, "libc" | "talc"),
        need: None,
        is_preloaded: false,
        broken: false,
        is_failure: false,
        time,
        times: times.to_vec(),
        baseline_ns: None,
        footprint: Footprint {
            bytes: Some(bytes),
            ..Footprint::default()
        },
        footprint_ratio: Some(bytes as f64 / 500.0),
        notes: Vec::new(),
        detail: Detail::default(),
    }
}
