//! What was measured beside time and footprint, as tables for the terminal.

use comfy_table::Table;

use crate::report::units::{bytes, nanos, ratio, thousands};
use crate::report::{
    BEYOND, Counts, Detail, Kind, Latency, MemoryOverTime, Percentile, Row, WorkloadReport,
};
use bench_results::grid::{align_right, figure, new_table};

/// The tables of what was asked for; empty if nothing was.
pub(crate) fn details(report: &WorkloadReport) -> String {
    let calls =
        format!("Service time of a call, ns; a percentile where {BEYOND} calls lie beyond it");
    let tables = [
        (calls.as_str(), latency(&report.rows)),
        (
            "Footprint over live bytes; waste and holes at the peak of live bytes",
            memory(&report.rows),
        ),
        (
            "Resident memory, everything live and after everything is freed",
            drain(&report.rows),
        ),
        (
            "Per operation; system calls of the whole run, probes per request",
            counts(&report.rows),
        ),
    ];
    let tables = tables.into_iter().filter(|(_, table)| !table.is_empty());
    tables
        .map(|(title, table)| format!("{title}:\n{table}\n"))
        .collect()
}

/// A table with a row for each allocator of which `cells` knows anything.
fn table(header: &[&str], rows: &[Row], cells: impl Fn(&Detail) -> Option<Vec<String>>) -> Table {
    let mut table = new_table(header);
    for row in rows {
        if let Some(cells) = cells(&row.detail) {
            table.add_row(std::iter::once(row.allocator.clone()).chain(cells));
        }
    }
    align_right(&mut table, 1..header.len());
    table
}

fn latency(rows: &[Row]) -> Table {
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
    table(&header, rows, |detail| {
        let of = |kind| {
            let is_it = |row: &&Latency| row.kind == kind && row.size_up_to.is_none();
            detail.latency.iter().find(is_it).copied()
        };
        let [allocate, free] = [Kind::Allocate, Kind::Free].map(of);
        allocate.or(free)?;
        Some([allocate, free].into_iter().flat_map(quantiles).collect())
    })
}

fn quantiles(latency: Option<Latency>) -> [String; 4] {
    use Percentile::{P50, P99, P99_9};
    let at = |percentile| latency.and_then(|latency| latency.at(percentile));
    let slowest = latency.map(|latency| latency.max);
    [at(P50), at(P99), at(P99_9), slowest].map(|time| figure(time, nanos))
}

fn memory(rows: &[Row]) -> Table {
    let header = [
        "allocator",
        "F1",
        "F2",
        "F3",
        "F4",
        "headers",
        "padding",
        "rounding",
        "slack",
        "external",
    ];
    table(&header, rows, |detail| {
        let memory = detail.memory.as_ref()?;
        let ratios = [memory.f1, memory.f2, memory.f3, memory.f4].map(ratio);
        Some(ratios.into_iter().chain(at_peak(memory)).collect())
    })
}

fn at_peak(memory: &MemoryOverTime) -> [String; 5] {
    let peak = memory.moments.iter().max_by_key(|moment| moment.live);
    let waste = peak.and_then(|peak| peak.waste);
    let external = peak.and_then(|peak| peak.external);
    [
        figure(waste, |waste| bytes(waste.header)),
        figure(waste, |waste| bytes(waste.padding)),
        figure(waste, |waste| bytes(waste.rounding)),
        figure(waste, |waste| bytes(waste.slack)),
        figure(external, ratio),
    ]
}

fn drain(rows: &[Row]) -> Table {
    let header = ["allocator", "live", "at once", "100 ms", "1 s", "5 s"];
    table(&header, rows, |detail| {
        let drain = detail.drain?;
        let all = [
            drain.before,
            drain.at_once,
            drain.after_100ms,
            drain.after_1s,
        ]
        .map(bytes);
        Some(
            all.into_iter()
                .chain([figure(drain.after_5s, bytes)])
                .collect(),
        )
    })
}

fn counts(rows: &[Row]) -> Table {
    let header = [
        "allocator",
        "instructions",
        "system calls",
        "probes",
        "splits",
        "merges",
    ];
    table(&header, rows, |detail| {
        let Counts {
            instructions,
            system_calls,
            probes,
            splits,
            merges,
        } = detail.counts?;
        Some(vec![
            figure(instructions, |n| format!("{n:.1}")),
            figure(system_calls, |n| thousands(n as usize)),
            figure(probes, ratio),
            figure(splits, ratio),
            figure(merges, ratio),
        ])
    })
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
