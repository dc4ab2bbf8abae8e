//! Tables for the terminal.

use bench_results::grid::{align_right, figure, new_table, terminal};
use comfy_table::{Attribute, Cell, Color};

use super::units::{bytes, nanos, percent, ratio, thousands};
use super::{Mean, Report, Row, Time, WorkloadReport};

/// The table of one workload, with a title and what the harness costs.
pub fn workload(report: &WorkloadReport) -> String {
    let mut table = new_table(&[
        "allocator",
        "ns/op",
        "min – max",
        "footprint",
        "/ peak live",
        "internal",
        "external",
        "notes",
    ]);
    for row in &report.rows {
        table.add_row(cells(row));
    }
    align_right(&mut table, 1..7);
    format!("\n{}\n{table}\n{}\n", title(report), harness(report))
}

fn title(report: &WorkloadReport) -> String {
    format!(
        "{}: {}\n{} operations, peak live {}; fixed heaps are timed in {}",
        report.name,
        report.about,
        thousands(report.n_ops),
        bytes(report.peak_live),
        bytes(report.room),
    )
}

fn harness(report: &WorkloadReport) -> String {
    let Some(touching) = report.harness_ns else {
        return "The harness's own cost was not measured.".to_string();
    };
    let alone = report
        .loop_ns
        .map_or_else(String::new, |ns| format!(" ({} the loop alone)", nanos(ns)));
    format!(
        "Of each time, {} ns/op are the loop and touching the blocks{alone}; not subtracted.",
        nanos(touching)
    )
}

fn cells(row: &Row) -> Vec<Cell> {
    let notes = row.notes.join("; ");
    vec![
        name(row),
        Cell::new(median(row.time)),
        Cell::new(spread(row.time)),
        Cell::new(figure(row.footprint.bytes, bytes)),
        Cell::new(footprint_ratio(row)),
        Cell::new(figure(row.footprint.internal, percent)),
        Cell::new(figure(row.footprint.external, percent)),
        if row.broken {
            Cell::new(notes).fg(Color::Red)
        } else {
            Cell::new(notes)
        },
    ]
}

fn name(row: &Row) -> Cell {
    let name = Cell::new(&row.allocator);
    match (row.broken, row.is_stage) {
        (true, _) => name.fg(Color::Red),
        (false, true) => name.add_attribute(Attribute::Bold),
        (false, false) => name,
    }
}

pub(super) fn median(time: Option<Time>) -> String {
    figure(time, |time| nanos(time.median))
}

pub(super) fn spread(time: Option<Time>) -> String {
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
    let mut lines = super::means::lines(means).into_iter();
    let header = lines.next().unwrap_or_default();
    let table = terminal(&header, &lines.collect::<Vec<_>>());
    format!("\nMeans over the workloads that each completed; compare equal counts only.\n{table}")
}
