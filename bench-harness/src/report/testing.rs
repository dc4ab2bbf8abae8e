//! Reports made up for tests.

use bench_results::{Environment, Results, lines};

use super::records::Records;
use super::{Facts, Remarks, Report, Row, Time, WorkloadReport};
use crate::allocators::{Need, find};
use crate::job::Footprint;
use crate::machine;

/// A report of these workloads, from this machine.
pub(crate) fn report(workloads: Vec<WorkloadReport>) -> Report {
    Report {
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

/// The records of a run whose tables say that.
pub(crate) fn results(report: &Report) -> Results {
    let mut records = Records::default();
    report
        .workloads
        .iter()
        .for_each(|one| records.workload(one));
    report.commands.iter().for_each(|one| records.command(one));
    records.0.runs.push(environment());
    records.0
}

/// A run that ended, on this machine.
pub(crate) fn environment() -> Environment {
    Environment {
        schema: lines::SCHEMA,
        run: 0,
        id: 1,
        command: "cargo xtask bench".to_string(),
        machine: machine::here(),
        versions: Vec::new(),
        builds: Default::default(),
        seed: 1,
        reps: 5,
        contest: None,
        seconds: Some(0.0),
    }
}

/// A workload with these rows.
pub(crate) fn workload(name: &str, rows: Vec<Row>) -> WorkloadReport {
    WorkloadReport {
        name: name.to_string(),
        fingerprint: Some(1),
        n_ops: 1000,
        facts: Facts {
            about: "Why?".to_string(),
            peak_live: 500,
            room: 10_000,
            loop_ns: None,
            harness_ns: Some(2.0),
            is_threaded: false,
            frees_nothing: false,
        },
        rows,
    }
}

/// A row with these times, the median first found among them, and this footprint.
pub(crate) fn row(allocator: &str, times: &[f64], bytes: usize) -> Row {
    Row {
        allocator: allocator.to_string(),
        version: None,
        is_stage: !matches!(allocator, "libc" | "talc"),
        need: find(allocator).map_or(Some(Need::Process), |entry| entry.need()),
        is_preloaded: false,
        time: Time::of(times),
        times: times.to_vec(),
        baseline_ns: None,
        page_faults: None,
        footprint: Footprint {
            bytes: Some(bytes),
            ..Footprint::default()
        },
        footprint_ratio: Some(bytes as f64 / 500.0),
        remarks: Remarks::default(),
    }
}
