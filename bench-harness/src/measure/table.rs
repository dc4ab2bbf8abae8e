//! What was measured beside time and footprint, as tables for the terminal.

use bench_results::grid::{drawn, figure};
use bench_results::{Measurement, figures};

use crate::report::records::{self, Records};
use crate::report::units::nanos;
use crate::report::{BEYOND, Kind, Latency, Percentile, Row, WorkloadReport};

/// The tables of what was asked for; empty if nothing was.
pub(crate) fn details(report: &WorkloadReport) -> String {
    let calls = latency(&report.rows);
    let all = records::of(std::slice::from_ref(report), Records::workload);
    let is_meant = |one: &Measurement| {
        let mut names = OTHERS.iter();
        names.any(|name| one.metric.starts_with(name))
    };
    let others: Vec<Measurement> = all.into_iter().filter(is_meant).collect();
    let mut text = String::new();
    if calls.len() > 1 {
        text += &format!(
            "Service time of a call, ns; a percentile where {BEYOND} calls lie beyond it:\n{}",
            drawn(&calls)
        );
    }
    if !others.is_empty() {
        text += &format!("Memory and counts:\n{}", drawn(&figures::by_case(&others)));
    }
    text
}

/// The beginnings of the figures that are in the second table.
const OTHERS: [&str; 8] = [
    "memory.",
    "waste.",
    "drain.",
    "instructions",
    "system_calls",
    "probes",
    "splits",
    "merges",
];

fn latency(rows: &[Row]) -> Vec<Vec<String>> {
    let header = [
        "allocator",
        "allocate p50",
        "p99",
        "p99.9",
        "max",
        "free p50",
        "p99",
        "p99.9",
        "max",
    ];
    let line = |row: &Row| {
        let of = |kind| {
            let is_it = |one: &&Latency| one.kind == kind && one.size_up_to.is_none();
            row.remarks.detail.latency.iter().find(is_it).copied()
        };
        let [allocate, free] = [Kind::Allocate, Kind::Free].map(of);
        allocate.or(free)?;
        let cells = [allocate, free].into_iter().flat_map(quantiles);
        Some(
            std::iter::once(row.allocator.clone())
                .chain(cells)
                .collect(),
        )
    };
    std::iter::once(header.map(str::to_string).to_vec())
        .chain(rows.iter().filter_map(line))
        .collect()
}

fn quantiles(latency: Option<Latency>) -> [String; 4] {
    use Percentile::{P50, P99, P99_9};
    let at = |percentile| latency.and_then(|latency| latency.at(percentile));
    let slowest = latency.map(|latency| latency.max);
    [at(P50), at(P99), at(P99_9), slowest].map(|time| figure(time, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_printed_if_ten_calls_lie_beyond_it() {
        let cells = |n| {
            quantiles(Some(Latency {
                kind: Kind::Free,
                size_up_to: None,
                n,
                p50: 5.0,
                p90: 6.0,
                p99: 7.0,
                p99_9: 8.0,
                p99_99: 9.0,
                max: 20.0,
            }))
        };
        assert_eq!(cells(19), ["–", "–", "–", "20.0"]);
        assert_eq!(cells(999), ["5.00", "–", "–", "20.0"]);
        assert_eq!(cells(7_110), ["5.00", "7.00", "–", "20.0"]);
        assert_eq!(cells(10_000), ["5.00", "7.00", "8.00", "20.0"]);
    }
}
