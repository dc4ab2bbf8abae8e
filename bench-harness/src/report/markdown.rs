//! Tables for the book: Markdown between markers in its chapters.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bench_results::grid::{self, figure};

use super::table::{self, footprint_ratio, median};
use super::units::{bytes, nanos, thousands};
use super::{Report, Row, WorkloadReport, losses, tables};
use crate::output::Choice;
use crate::preload;

/// Begins the name of a block that compares allocators, which are named behind it.
const PIVOT: &str = "pivot ";

/// Fills the blocks of every Markdown file in `folder` and returns the files that changed.
///
/// A block lies between `<!-- BEGIN bench:NAME -->` and `<!-- END bench:NAME -->`, where the name
/// is `pivot` with the names of allocators, `all`, `means`, `heaps`, `tails`, `memory`, `flat`, `tight`, `arenas`,
/// `closed-loop`, `global` or `programs`. A block that the report has no figures for stays as it is.
///
/// # Errors
///
/// A file that cannot be read or written, a block that does not end, or an unknown name.
pub fn fill(report: &Report, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut changed = Vec::new();
    let listing =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in listing {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&path)?;
            let filled = fill_text(report, &text).with_context(|| path.display().to_string())?;
            if filled != text {
                fs::write(&path, filled)
                    .with_context(|| format!("cannot write {}", path.display()))?;
                changed.push(path);
            }
        }
    }
    changed.sort();
    Ok(changed)
}

fn fill_text(report: &Report, text: &str) -> Result<String> {
    const BEGIN: &str = "<!-- BEGIN bench:";
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(BEGIN) {
        let after = &rest[at + BEGIN.len()..];
        let (name, after) = after
            .split_once(" -->")
            .context("a BEGIN marker does not end")?;
        let end = format!("<!-- END bench:{name} -->");
        let close = after
            .find(&end)
            .filter(|close| *close > 0)
            .with_context(|| format!("there is no `{end}` on a line of its own"))?;
        let figures = block(report, name)?.unwrap_or_else(|| after[1..close].to_string());
        write!(filled, "{}{BEGIN}{name} -->\n{figures}{end}", &rest[..at])?;
        rest = &after[close + end.len()..];
    }
    Ok(filled + rest)
}

/// The text of a block; `None` if the report has no figures for it.
fn block(report: &Report, name: &str) -> Result<Option<String>> {
    let (has_figures, text) = match name {
        "programs" => (
            !report.commands.is_empty(),
            preload::tables(&report.commands, grid::in_markdown),
        ),
        "heaps" | "tails" | "memory" => contest(report, name),
        "arenas" | "global" | "flat" | "tight" | "closed-loop" => {
            let text = tables(&report.measurements, Some(name), grid::in_markdown);
            (!text.is_empty(), text)
        }
        // The tables below are of all allocators, and a contest has only some.
        _ if report.contest.is_some() => (false, String::new()),
        "means" => (
            !report.means.is_empty(),
            means(report) + "\n" + &lost(report),
        ),
        "all" => (!report.workloads.is_empty(), all(report)),
        _ => {
            let names = name.strip_prefix(PIVOT);
            let names = names.with_context(|| format!("no block is called bench:{name}"))?;
            let names: Vec<&str> = names.split(' ').collect();
            (!report.workloads.is_empty(), compact(report, &names))
        }
    };
    Ok(has_figures.then(|| format!("{text}\n{}", origin(report))))
}

/// The table of the contest that the block is called after, if it is the report's.
fn contest(report: &Report, name: &str) -> (bool, String) {
    let contest = report.contest.filter(|contest| contest.name() == name);
    let text = contest.map_or_else(String::new, |contest| {
        contest.tables(report, grid::in_markdown)
    });
    (contest.is_some() && !report.workloads.is_empty(), text)
}

/// The whole report as one Markdown document.
pub fn document(report: &Report) -> String {
    let mut text = String::from("# Allocators compared\n\n");
    for advice in &report.answers {
        text += &format!("- {}\n", advice.sentence);
    }
    if !report.answers.is_empty() {
        text += "\n";
    }
    if let Some(contest) = report.contest {
        text += &contest.tables(report, grid::in_markdown);
    }
    if !report.means.is_empty() {
        text += "Geometric means over the workloads that each completed; compare equal counts only.\n\n";
        text += &means(report);
        text += "\n";
    }
    if !report.workloads.is_empty() {
        text += &format!("{}\n{}\n", all(report), lost(report));
    }
    text += &tables(&report.measurements, None, grid::in_markdown);
    text += &preload::tables(&report.commands, grid::in_markdown);
    let versions = report.versions.iter();
    let versions: Vec<String> = versions
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    text += &format!("{}\n{}.\n", origin(report), versions.join(", "));
    text
}

/// The workloads on which others are better than every stage.
fn lost(report: &Report) -> String {
    let mut text = String::from("### Where the stages lose\n\n");
    for loss in losses(&report.workloads) {
        text += &format!("- {loss}\n");
    }
    text
}

fn all(report: &Report) -> String {
    let tables: Vec<String> = report.workloads.iter().map(workload).collect();
    tables.join("\n")
}

/// The command and the machine behind a table.
fn origin(report: &Report) -> String {
    let cut_short = if report.interrupted {
        ", and was interrupted: rows and figures are missing"
    } else {
        ""
    };
    let (command, machine) = (&report.command, &report.machine);
    format!("Made by `{command}` on {machine}{cut_short}.\n")
}

/// All figures of one workload.
fn workload(report: &WorkloadReport) -> String {
    format!(
        "### {}\n\n{}. {} operations, peak live {}, harness {} ns/op.\n\n{}",
        report.name,
        report.facts.about.trim_end_matches('.'),
        thousands(report.n_ops),
        bytes(report.facts.peak_live),
        figure(report.facts.harness_ns, nanos),
        grid::in_markdown(&table::lines(report)),
    )
}

/// Time and footprint of some allocators on every workload: a line each, a column each.
fn compact(report: &Report, allocators: &[&str]) -> String {
    let header = ["workload"].iter().chain(allocators);
    let mut lines: Vec<Vec<String>> = vec![header.map(ToString::to_string).collect()];
    lines.extend(report.workloads.iter().map(|workload| {
        let cell = |name: &&str| {
            let row = workload.rows.iter().find(|row| row.allocator == *name);
            row.map_or("–".to_string(), short)
        };
        let cells = allocators.iter().map(cell);
        std::iter::once(workload.name.clone())
            .chain(cells)
            .collect()
    }));
    format!(
        "ns/op, and footprint over peak live bytes:\n\n{}",
        grid::in_markdown(&lines)
    )
}

/// A row in a few characters.
fn short(row: &Row) -> String {
    match (row.time, row.remarks.notes.first()) {
        (None, Some(note)) if row.footprint_ratio.is_none() => note.clone(),
        _ => format!("{} · {}", median(row.time), footprint_ratio(row)),
    }
}

fn means(report: &Report) -> String {
    grid::in_markdown(&super::means::lines(&report.means))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{report, workload};

    fn empty() -> Report {
        report(Vec::new())
    }

    fn one_workload() -> Report {
        report(vec![workload("churn", Vec::new())])
    }

    const TEXT: &str =
        "a\n<!-- BEGIN bench:pivot bump libc -->\nold\n<!-- END bench:pivot bump libc -->\nb\n";

    #[test]
    fn a_block_is_replaced_and_what_is_around_it_stays() {
        let filled = fill_text(&one_workload(), TEXT).unwrap();
        assert!(
            filled.starts_with("a\n<!-- BEGIN bench:pivot bump libc -->\nns/op"),
            "{filled}"
        );
        assert!(
            filled.ends_with(".\n<!-- END bench:pivot bump libc -->\nb\n"),
            "{filled}"
        );
        assert!(
            filled.contains("| churn |") && !filled.contains("old"),
            "{filled}"
        );
        let again = fill_text(&one_workload(), &filled).unwrap();
        assert_eq!(again, filled, "filling twice is filling once");
    }

    #[test]
    fn an_interrupted_run_says_so() {
        let mut report = one_workload();
        let says_so = |report: &Report| fill_text(report, TEXT).unwrap().contains("interrupted");
        assert!(!says_so(&report));
        report.interrupted = true;
        assert!(says_so(&report));
    }

    #[test]
    fn a_block_without_figures_stays() {
        assert_eq!(fill_text(&empty(), TEXT).unwrap(), TEXT);
    }

    #[test]
    fn an_open_or_unknown_block_is_an_error() {
        assert!(fill_text(&empty(), "<!-- BEGIN bench:all -->\n").is_err());
        assert!(fill_text(&empty(), "<!-- BEGIN bench:x -->\n<!-- END bench:x -->").is_err());
    }
}
