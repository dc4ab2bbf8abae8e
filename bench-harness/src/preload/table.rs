//! The table of a command.

use comfy_table::{Cell, Color};

use super::row::{CommandReport, CommandRow, Spread};
use crate::report::units::{bytes, ratio, thousands};
use bench_results::grid::{align_right, figure, new_table};

/// The table of one command, with its name.
pub(crate) fn table(report: &CommandReport) -> String {
    let mut table = new_table(&[
        "allocator",
        "wall ms",
        "min – max",
        "/ libc",
        "CPU ms",
        "/ libc",
        "peak RSS",
        "/ libc",
        "faults",
        "from disk",
        "notes",
    ]);
    let libc = report.rows.first();
    for row in &report.rows {
        table.add_row(cells(row, libc));
    }
    align_right(&mut table, 1..10);
    let n_runs = libc.map_or(0, |row| row.runs.len());
    format!(
        "\n{}\n{n_runs} runs each, medians\n{table}\n",
        report.command
    )
}

fn cells(row: &CommandRow, libc: Option<&CommandRow>) -> Vec<Cell> {
    let to_libc = |of: fn(&CommandRow) -> Option<Spread>| {
        let (this, base) = (of(row), libc.and_then(of));
        figure(this.zip(base), |(this, base)| {
            ratio(this.median / base.median)
        })
    };
    let paint = |cell: Cell| match row.broken {
        true => cell.fg(Color::Red),
        false => cell,
    };
    vec![
        paint(Cell::new(&row.allocator)),
        Cell::new(figure(row.wall, |wall| millis(wall.median))),
        Cell::new(figure(row.wall, |wall| {
            format!("{} – {}", millis(wall.min), millis(wall.max))
        })),
        Cell::new(to_libc(|row| row.wall)),
        Cell::new(figure(row.cpu, |cpu| millis(cpu.median))),
        Cell::new(to_libc(|row| row.cpu)),
        Cell::new(figure(row.peak_rss, |peak| bytes(peak.median as usize))),
        Cell::new(to_libc(|row| row.peak_rss)),
        Cell::new(figure(row.minor_faults, |n| thousands(n.median as usize))),
        Cell::new(figure(row.major_faults, |n| thousands(n.median as usize))),
        paint(Cell::new(row.notes.join("; "))),
    ]
}

fn millis(seconds: f64) -> String {
    format!("{:.1}", seconds * 1e3)
}
