//! The tables of the rows: for the terminal, and as Markdown for the book.

use comfy_table::{Attribute, Cell, Color, Table};

use super::{Door, RowMean, RowReport, Unit, Verdict, Worth, means, overall};
use crate::goals;
use crate::report::records::{self, Records};
use crate::report::units::{ratio, three_digits};
use bench_results::grid::{self, align_right, figure, new_table};

/// A table without its looks.
struct Grid {
    header: Vec<String>,
    lines: Vec<Vec<String>>,
}

const DOORS: [(Door, &str); 2] = [
    (Door::Linked, "Compiled in"),
    (Door::Preloaded, "Preloaded, called through malloc and free"),
];

/// All tables of `rows`, for the terminal.
pub(crate) fn terminal(rows: &[RowReport]) -> String {
    let mut text = String::new();
    for (door, title) in DOORS {
        let figures = figures(rows, door);
        if figures.header.len() < 4 {
            continue;
        }
        text += &format!("\n{title}\n{}\n", plain(&figures));
        if rows.iter().any(|row| Verdict::of(row, door).is_some()) {
            text += &format!("\n{}\n", verdicts(rows, door));
        }
        let means = mean_grid(rows, door);
        if !means.lines.is_empty() {
            text += &format!("\n{}\n{}", plain(&means), sentence(rows, door));
            text += &goals(rows, door);
        }
    }
    text += &notes(rows).map(|note| note + "\n").collect::<String>();
    text
}

/// The same as Markdown, and what each row is.
pub(crate) fn markdown(rows: &[RowReport]) -> String {
    let mut text = String::new();
    for (door, title) in DOORS {
        let figures = figures(rows, door);
        if figures.header.len() < 4 {
            continue;
        }
        text += &format!("{title}:\n\n{}\n", lines_of(&figures));
        let verdicts = verdict_grid(rows, door);
        if !verdicts.lines.is_empty() {
            text += &format!("{}\n", lines_of(&verdicts));
        }
        let means = mean_grid(rows, door);
        if !means.lines.is_empty() {
            text += &format!("{}\n", lines_of(&means));
        }
        let sentence = sentence(rows, door);
        if !sentence.is_empty() {
            text += &format!("{sentence}\n{}\n", goals(rows, door));
        }
    }
    text += &notes(rows)
        .map(|note| format!("- {note}\n"))
        .collect::<String>();
    text
}

/// Medians, a line for each row and a column for each allocator.
fn figures(rows: &[RowReport], door: Door) -> Grid {
    let first = rows.first().map_or(&[][..], |row| &row.figures);
    let admitted = first.iter().filter(|figures| door.admits(figures));
    let names: Vec<&String> = admitted.map(|figures| &figures.allocator).collect();
    let mut header = vec!["row".to_string(), "unit".to_string()];
    header.extend(names.iter().map(ToString::to_string));
    header.push("loop".to_string());
    let line = |row: &RowReport| {
        let mut line = vec![row.label.clone(), unit(row.unit).to_string()];
        let cells = row.figures.iter().filter(|figures| door.admits(figures));
        line.extend(cells.map(|figures| match figures.median() {
            Some(median) => three_digits(median),
            None if figures.broken => "failed".to_string(),
            None => figure(None, three_digits),
        }));
        line.push(figure(row.loop_ns, three_digits));
        line
    };
    Grid {
        header,
        lines: rows.iter().map(line).collect(),
    }
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Nanoseconds => "ns",
        Unit::Instructions => "instr.",
        Unit::Mebibytes => "MiB",
        Unit::Kibibytes => "KiB",
        Unit::Bytes => "B",
        Unit::PerThousand => "‰",
    }
}

fn verdict_grid(rows: &[RowReport], door: Door) -> Grid {
    let verdicts = rows.iter().filter_map(|row| Verdict::of(row, door));
    let header = [
        "row",
        "stage",
        "",
        "best of the others",
        "",
        "ratio",
        "95 %",
        "verdict",
    ];
    Grid {
        header: header.map(str::to_string).to_vec(),
        lines: verdicts.map(|verdict| verdict_cells(&verdict)).collect(),
    }
}

fn verdict_cells(verdict: &Verdict) -> Vec<String> {
    let worth = match verdict.worth {
        Worth::Best => "best",
        Worth::TooClose => "too close to tell",
        Worth::Lost => "lost",
    };
    let interval = figure(verdict.interval, |interval| {
        format!("{} – {}", ratio(interval.low), ratio(interval.high))
    });
    vec![
        verdict.label.clone(),
        verdict.stage.0.clone(),
        three_digits(verdict.stage.1),
        verdict.best.0.clone(),
        three_digits(verdict.best.1),
        figure(verdict.ratio, ratio),
        interval,
        worth.to_string(),
    ]
}

/// The verdicts for the terminal: lost rows in red.
fn verdicts(rows: &[RowReport], door: Door) -> Table {
    let grid = verdict_grid(rows, door);
    let mut table = new_table(&grid.header.iter().map(String::as_str).collect::<Vec<_>>());
    let verdicts = rows.iter().filter_map(|row| Verdict::of(row, door));
    for (verdict, line) in verdicts.zip(grid.lines) {
        table.add_row(line.into_iter().map(|text| match verdict.worth {
            Worth::Best => Cell::new(text).add_attribute(Attribute::Bold),
            Worth::TooClose => Cell::new(text),
            Worth::Lost => Cell::new(text).fg(Color::Red),
        }));
    }
    align_right(&mut table, 2..3);
    align_right(&mut table, 4..7);
    table
}

fn mean_grid(rows: &[RowReport], door: Door) -> Grid {
    let header = [
        "time / libc",
        "1 thread",
        "of",
        "several",
        "of",
        "all",
        "of",
    ];
    let line = |mean: RowMean| {
        let mut line = vec![mean.allocator];
        for (mean, n) in mean.ratios {
            line.extend([figure(mean, ratio), n.to_string()]);
        }
        line
    };
    Grid {
        header: header.map(str::to_string).to_vec(),
        lines: means(rows, door).into_iter().map(line).collect(),
    }
}

/// The means of the stage and of the best of the others in one line; empty if there are none.
fn sentence(rows: &[RowReport], door: Door) -> String {
    let text = |(stage, best, over): (String, String, f64)| {
        let over = ratio(over);
        format!(
            "Over all rows of time, {stage} takes {over} of what {best} takes, the best of the others.\n"
        )
    };
    overall(rows, door).map_or_else(String::new, text)
}

/// What the highest stage is to reach when it is called in this way.
fn goals(rows: &[RowReport], door: Door) -> String {
    let set = match door {
        Door::Linked => "global-linked",
        Door::Preloaded => "global-preloaded",
    };
    goals::list(set, records::of(rows, Records::kernel))
}

fn plain(grid: &Grid) -> Table {
    grid::terminal(&grid.header, &grid.lines)
}

fn lines_of(grid: &Grid) -> String {
    grid::markdown(&grid.header, &grid.lines)
}

/// Who failed where, and why.
fn notes(rows: &[RowReport]) -> impl Iterator<Item = String> {
    rows.iter().flat_map(|row| {
        let noted = row
            .figures
            .iter()
            .filter(|figures| !figures.note.is_empty());
        noted.map(|figures| format!("{} on {}: {}", figures.allocator, row.label, figures.note))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::global::{Figures, Row, Task};

    fn row(row: Row, n_threads: u16, figures: &[(&str, f64)]) -> RowReport {
        let task = Task {
            row,
            n_threads,
            is_quick: false,
        };
        let figures = figures.iter().map(|&(allocator, value)| Figures {
            allocator: allocator.to_string(),
            is_stage: allocator.starts_with("thread-cached"),
            is_preloaded: false,
            broken: false,
            values: vec![value],
            note: String::new(),
        });
        RowReport {
            label: task.label(),
            about: row.about(),
            task,
            unit: row.unit(),
            loop_ns: None,
            figures: figures.collect(),
        }
    }

    #[test]
    fn each_goal_has_the_row_that_decides_it() {
        let rows = [
            row(
                Row::Pair,
                1,
                &[("thread-cached", 2.0), ("libc", 8.0), ("fast", 4.0)],
            ),
            row(
                Row::Larson,
                2,
                &[("thread-cached", 6.0), ("libc", 9.0), ("fast", 4.0)],
            ),
            row(
                Row::SpikeKept,
                1,
                &[("thread-cached", 250.0), ("libc", 400.0), ("fast", 300.0)],
            ),
            row(
                Row::Idle,
                1,
                &[
                    ("thread-cached", 4500.0),
                    ("libc", 4400.0),
                    ("fast", 5000.0),
                ],
            ),
        ];
        let text = goals(&rows, Door::Linked);
        for line in [
            "time over fast, of 2 cases: 0.866; at most 0.950: **reached**",
            "time over fast, worst on larson threads=2: 1.500; at most 1.150: **missed**",
            "(a pair inline, ns), worst on pair threads=1: 2.000; at most 2.500: **reached**",
            "(MiB, one block in sixteen kept), worst on spike-kept: 250; at most 225: **missed**",
            "\u{2019}s (KiB of a process that does nothing), worst on idle: 100; at most 300: **reached**",
            "(200,000 live blocks) over the best of the others: not measured",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert_eq!(goals(&[], Door::Linked), "");
    }

    #[test]
    fn a_short_run_says_nothing_of_figures_in_their_own_units() {
        let mut pair = row(Row::Pair, 1, &[("thread-cached", 2.0), ("libc", 8.0)]);
        pair.task.is_quick = true;
        assert!(goals(&[pair], Door::Linked).contains("(a pair inline, ns): not measured"));
    }
}
