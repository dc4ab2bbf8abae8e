//! Tables for the book: Markdown between markers in its chapters.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bench_results::grid::{self, figure};

use super::table::{footprint_ratio, median, spread};
use super::units::{bytes, nanos, percent, thousands};
use super::{Report, Row, WorkloadReport, losses, tables};
use crate::preload;

/// Which allocators each phase's chapter compares.
const PHASES: &[(&str, &[&str])] = &[
    ("phase-1", &["bump", "bumpalo", "libc"]),
    ("phase-2", &["bump", "freelist", "linked_list", "libc"]),
    (
        "phase-3",
        &[
            "freelist",
            "first-fit",
            "next-fit",
            "best-fit",
            "worst-fit",
            "linked_list",
            "libc",
        ],
    ),
    (
        "phase-4",
        &[
            "best-fit",
            "coalescing",
            "coalescing-strict",
            "headerless",
            "talc",
            "libc",
        ],
    ),
    (
        "phase-5",
        &[
            "coalescing",
            "mmap-backed",
            "mmap-global",
            "rlsf-global",
            "talc-global",
            "dlmalloc-global",
            "libc",
        ],
    ),
    (
        "phase-6",
        &[
            "mmap-backed",
            "thread-cached",
            "rusty_alloc",
            "mimalloc",
            "snmalloc",
            "jemalloc",
            "rpmalloc",
            "libc",
        ],
    ),
];

/// Fills the blocks of every Markdown file in `folder` and returns the files that changed.
///
/// A block lies between `<!-- BEGIN bench:NAME -->` and `<!-- END bench:NAME -->`, where the name
/// is `phase-1` to `phase-6`, `all`, `means`, `heaps`, `tails`, `memory`, `flat`, `tight`, `arenas`,
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
            preload::markdown(&report.commands),
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
            let phase = PHASES.iter().find(|(phase, _)| *phase == name);
            let (_, names) = phase.with_context(|| format!("no block is called bench:{name}"))?;
            (!report.workloads.is_empty(), compact(report, names))
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
    if !report.commands.is_empty() {
        text += &preload::markdown(&report.commands);
    }
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
    let mut text = format!(
        "### {}\n\n{}. {} operations, peak live {}, harness {} ns/op.\n\n",
        report.name,
        report.about.trim_end_matches('.'),
        thousands(report.n_ops),
        bytes(report.peak_live),
        figure(report.harness_ns, nanos),
    );
    text +=
        "| allocator | ns/op | min – max | footprint / peak live | internal | external | notes |\n";
    text += "|---|--:|--:|--:|--:|--:|---|\n";
    for row in &report.rows {
        text += &line(row);
    }
    text
}

fn line(row: &Row) -> String {
    format!(
        "| {} | {} | {} | {} | {} | {} | {} |\n",
        row.allocator,
        median(row.time),
        spread(row.time),
        footprint_ratio(row),
        figure(row.footprint.internal, percent),
        figure(row.footprint.external, percent),
        row.notes.join("; ").replace('|', "\\|"),
    )
}

/// Time and footprint of some allocators on every workload: a line each, a column each.
fn compact(report: &Report, allocators: &[&str]) -> String {
    let mut text = String::from("ns/op, and footprint over peak live bytes:\n\n| workload |");
    for name in allocators {
        text += &format!(" {name} |");
    }
    text += "\n|---|";
    text += &"--:|".repeat(allocators.len());
    text.push('\n');
    for workload in &report.workloads {
        text += &format!("| {} |", workload.name);
        for name in allocators {
            let row = workload.rows.iter().find(|row| row.allocator == *name);
            text += &format!(" {} |", row.map_or("–".to_string(), short));
        }
        text.push('\n');
    }
    text
}

/// A row in a few characters.
fn short(row: &Row) -> String {
    match (row.time, row.notes.first()) {
        (None, Some(note)) if row.footprint_ratio.is_none() => note.clone(),
        _ => format!("{} · {}", median(row.time), footprint_ratio(row)),
    }
}

fn means(report: &Report) -> String {
    let lines = super::means::lines(&report.means);
    let header = lines.first().map_or(&[][..], Vec::as_slice);
    grid::markdown(header, lines.get(1..).unwrap_or_default())
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

    const TEXT: &str = "a\n<!-- BEGIN bench:phase-1 -->\nold\n<!-- END bench:phase-1 -->\nb\n";

    #[test]
    fn a_block_is_replaced_and_what_is_around_it_stays() {
        let filled = fill_text(&one_workload(), TEXT).unwrap();
        assert!(
            filled.starts_with("a\n<!-- BEGIN bench:phase-1 -->\nns/op"),
            "{filled}"
        );
        assert!(
            filled.ends_with(".\n<!-- END bench:phase-1 -->\nb\n"),
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
