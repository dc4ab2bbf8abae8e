//! Tables for the terminal.

use bench_results::grid::{drawn, figure};

use super::units::{bytes, nanos, percent, ratio, thousands};
use super::{Mean, Report, Row, Time, WorkloadReport};

/// The table of one workload, with a title and what the harness costs.
pub fn workload(report: &WorkloadReport) -> String {
    let table = drawn(&lines(report));
    format!("\n{}\n{table}{}\n", title(report), harness(report))
}

/// The lines of that table, the header first.
pub(super) fn lines(report: &WorkloadReport) -> Vec<Vec<String>> {
    let header = [
        "allocator",
        "ns/op",
        "min – max",
        "footprint",
        "/ peak live",
        "internal",
        "external",
        "notes",
    ];
    let rows = report.rows.iter().map(cells);
    std::iter::once(header.map(str::to_string).to_vec())
        .chain(rows)
        .collect()
}

fn title(report: &WorkloadReport) -> String {
    format!(
        "{}: {}\n{} operations, peak live {}; fixed heaps are timed in {}",
        report.name,
        report.facts.about,
        thousands(report.n_ops),
        bytes(report.facts.peak_live),
        bytes(report.facts.room),
    )
}

fn harness(report: &WorkloadReport) -> String {
    let Some(touching) = report.facts.harness_ns else {
        return "The harness's own cost was not measured.".to_string();
    };
    let alone = report
        .facts
        .loop_ns
        .map_or_else(String::new, |ns| format!(" ({} the loop alone)", nanos(ns)));
    format!(
        "Of each time, {} ns/op are the loop and touching the blocks{alone}; not subtracted.",
        nanos(touching)
    )
}

fn cells(row: &Row) -> Vec<String> {
    vec![
        row.allocator.clone(),
        median(row.time),
        spread(row.time),
        figure(row.footprint.bytes, bytes),
        footprint_ratio(row),
        figure(row.footprint.internal, percent),
        figure(row.footprint.external, percent),
        row.remarks.notes.join("; "),
    ]
}

pub(super) fn median(time: Option<Time>) -> String {
    figure(time, |time| nanos(time.median))
}

fn spread(time: Option<Time>) -> String {
    figure(time, |time| {
        format!("{} – {}", nanos(time.min), nanos(time.max))
    })
}

pub(super) fn footprint_ratio(row: &Row) -> String {
    let sign = if row.footprint.is_upper_bound {
        "≤ "
    } else {
        ""
    };
    figure(row.footprint_ratio, |value| {
        format!("{sign}{}", ratio(value))
    })
}

/// The means, if there are any, and where the run was made.
pub fn summary(report: &Report) -> String {
    let versions: Vec<String> = report
        .versions
        .iter()
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    format!(
        "{}{}\n{}\n{}\n{} repetitions, seed {}, {:.0} s{}: {}\n",
        means(&report.means),
        control(report),
        versions.join(", "),
        report.machine,
        report.reps,
        report.seed,
        report.seconds,
        if report.interrupted {
            ", interrupted"
        } else {
            ""
        },
        report.command,
    )
}

fn control(report: &Report) -> String {
    match super::control::sentence(&report.workloads) {
        sentence if sentence.is_empty() => sentence,
        sentence => format!("\n{sentence}"),
    }
}

fn means(means: &[Mean]) -> String {
    if means.is_empty() {
        return String::new();
    }
    let table = drawn(&super::means::lines(means));
    format!("\nMeans over the workloads that each completed; compare equal counts only.\n{table}")
}
