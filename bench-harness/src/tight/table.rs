//! The tables, a line for each allocator.

use super::TIGHTNESS;
use super::report::{Tight, TightRow};
use bench_results::stats::geometric;

use crate::report::units::ratio;
use bench_results::grid::{align_right, figure, new_table};

/// A table for each length: times by allocator and workload, how many workloads an allocator
/// completes, and its time over that of the fastest peer that does.
pub fn tables(all: &[Tight]) -> String {
    let mut text = String::new();
    for over_peak in TIGHTNESS {
        let same = all.iter().filter(|tight| tight.over_peak == over_peak);
        let same: Vec<&Tight> = same.collect();
        if !same.is_empty() {
            text += &table(over_peak, &same);
        }
    }
    text
}

fn table(over_peak: f64, all: &[&Tight]) -> String {
    let mut header = vec!["ns/op"];
    header.extend(all.iter().map(|tight| tight.workload.as_str()));
    header.extend(["completes", "/ fastest peer", "worst"]);
    let mut table = new_table(&header);
    let rows = all.first().map_or(&[][..], |tight| &tight.rows);
    for row in rows {
        table.add_row(line(&row.allocator, all));
    }
    align_right(&mut table, 1..header.len());
    format!("\nHeaps of {over_peak} times the peak of live bytes:\n{table}\n")
}

fn line(allocator: &str, all: &[&Tight]) -> Vec<String> {
    let rows = || all.iter().map(|tight| tight.row(allocator));
    let cell = |row| figure(row, TightRow::cell);
    let n_completed = rows().flatten().filter_map(TightRow::ns).count();
    let over = all.iter().filter_map(|tight| tight.over_fastest(allocator));
    let over: Vec<f64> = over.collect();
    let mut cells = vec![allocator.to_string()];
    cells.extend(rows().map(cell));
    cells.push(format!("{n_completed} of {}", all.len()));
    let summaries = [geometric(&over), over.iter().copied().reduce(f64::max)];
    cells.extend(summaries.map(|value| figure(value, ratio)));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tight::TightEnd;

    fn row(allocator: &str, is_peer: bool, end: TightEnd) -> TightRow {
        TightRow {
            allocator: allocator.to_string(),
            is_peer,
            end,
            times: Vec::new(),
        }
    }

    fn tight(rows: Vec<TightRow>) -> Tight {
        Tight {
            workload: "w".to_string(),
            fingerprint: None,
            n_ops: None,
            over_peak: 1.5,
            len: 1500,
            rows,
        }
    }

    #[test]
    fn a_stage_is_compared_with_the_fastest_peer_that_completes() {
        let completes = |ns| TightEnd::Completes { ns };
        let tight = tight(vec![
            row("stage", false, completes(6.0)),
            row("faster stage", false, completes(1.0)),
            row("peer", true, completes(4.0)),
            row("slower peer", true, completes(8.0)),
            row("fast and fails", true, TightEnd::OutOfMemory { done: 0.5 }),
        ]);
        assert_eq!(tight.over_fastest("stage"), Some(1.5));
        assert_eq!(tight.over_fastest("fast and fails"), None);
        let cells = line("stage", &[&tight]);
        assert_eq!(cells, ["stage", "6.00", "1 of 1", "1.500", "1.500"]);
        let cells = line("fast and fails", &[&tight]);
        let expected = ["fast and fails", "fails", "0 of 1", "–", "–"];
        assert_eq!(cells, expected);
    }
}
