//! Tails: quantiles of the time of single calls.

use crate::goals;
use crate::report::records::{self, Records};
use crate::report::units::nanos;
use crate::report::{Kind, Latency, Row, WorkloadReport};
use bench_results::grid::figure;
use bench_results::grid::markdown as grid;

const OURS: &str = "coalescing";
const RIVAL: &str = "talc";

pub(super) const ALLOCATORS: &[&str] = &[OURS, "coalescing-strict", RIVAL, "rlsf", "dlmalloc"];

/// The kinds of calls, and the quantiles of each.
const KINDS: [(Kind, &str); 2] = [(Kind::Allocate, "allocate"), (Kind::Free, "free")];
type Quantile = fn(&Latency) -> f64;
const QUANTILES: [(&str, Quantile); 5] = [
    ("p50", |latency| latency.p50),
    ("p99", |latency| latency.p99),
    ("p99.9", |latency| latency.p99_9),
    ("p99.99", |latency| latency.p99_99),
    ("max", |latency| latency.max),
];

pub(super) fn markdown(workloads: &[WorkloadReport]) -> String {
    let mut header = vec!["workload".to_string(), "allocator".to_string()];
    for (_, kind) in KINDS {
        header.extend(QUANTILES.map(|(quantile, _)| format!("{kind} {quantile}")));
    }
    let rows = workloads
        .iter()
        .flat_map(|workload| workload.rows.iter().map(move |row| (workload, row)));
    let lines: Vec<Vec<String>> = rows.map(|(workload, row)| line(workload, row)).collect();
    format!(
        "ns of single calls of all sizes; p99.99 is the slowest of fewer than 10,000.\n\n{}\nWhat \
         {OURS} is to reach:\n\n{}",
        grid(&header, &lines),
        goals::list("tails", records::of(workloads, Records::workload)),
    )
}

fn line(workload: &WorkloadReport, row: &Row) -> Vec<String> {
    let mut line = vec![workload.name.clone(), row.allocator.clone()];
    for (kind, _) in KINDS {
        let latency = latency(row, kind);
        line.extend(QUANTILES.map(|(_, of)| figure(latency.map(of), nanos)));
    }
    line
}

fn latency(row: &Row, kind: Kind) -> Option<&Latency> {
    let is_it = |one: &&Latency| one.kind == kind && one.size_up_to.is_none();
    row.detail.latency.iter().find(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{row, workload};

    fn clocked(allocator: &str, slowest: f64) -> Row {
        let mut row = row(allocator, &[8.0], 600);
        let latency = |kind, size_up_to, p99_99| Latency {
            kind,
            size_up_to,
            n: 10_000,
            p50: 5.0,
            p90: 6.0,
            p99: 7.0,
            p99_9: 8.0,
            p99_99,
            max: 1000.0,
        };
        row.detail.latency = vec![
            latency(Kind::Free, Some(16), 900.0),
            latency(Kind::Free, None, slowest),
        ];
        row
    }

    #[test]
    fn the_slowest_calls_of_all_sizes_are_compared_on_each_workload() {
        let on = |name, ours, talc| workload(name, vec![clocked(OURS, ours), clocked(RIVAL, talc)]);
        let text = markdown(&[on("a", 20.0, 40.0), on("b", 80.0, 40.0)]);
        assert!(
            text.contains("| b | talc | – | – | – | – | – | 5.00 | 7.00 | 8.00 | 40.0 | 1,000 |"),
            "{text}"
        );
        assert!(
            text.contains(
                "latency.free.p99_99 over talc, of 2 cases: 1.000; at most 1.000: **reached**"
            ),
            "{text}"
        );
        assert!(
            text.contains("worst on b: 2.000; at most 1.000: **missed**"),
            "{text}"
        );
        assert!(
            text.contains("latency.allocate.p99_99 over talc: not measured"),
            "{text}"
        );
    }
}
