//! `defences`: what allocators do against mistakes, each seen by running a program that makes it.

mod cell;
mod columns;
mod rows;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use xtask_base::Result;
use xtask_base::options::Options;
use xtask_base::process::{self, Ended, root, run_limited, succeed};
use xtask_base::tools::{CC, CXX};

use crate::splice;
use cell::{Cell, End, Exit};
use columns::{Column, FULL, QUICK};
use rows::{Row, rows};

const CHAPTER: &str = "docs/src/safety.md";

const SOURCES: &str = "bench-harness/defences";

/// No program takes a second, unless it hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// Runs every program under every allocator, prints the table, and puts it into the book with `--docs`.
///
/// # Errors
///
/// A program or our own library cannot be built or run.
pub(super) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let is_for_docs = options.flag("--docs");
    let runs = options.number("--runs", 6)? as usize;
    let libraries = options.values("--library")?;
    options.finish()?;
    let programs = Programs::build()?;
    let columns = columns::all(&libraries)?;
    let mut cells = Vec::new();
    let rows = rows();
    for (index, row) in rows.iter().enumerate() {
        eprintln!("{} of {}: {}", index + 1, rows.len(), row.what);
        let of_row = columns
            .iter()
            .map(|column| programs.try_out(row, column, runs))
            .collect::<Result<Vec<Cell>>>()?;
        cells.push(of_row);
    }
    let text = format!(
        "{}\n{}\n{}",
        table(&rows, &columns, &cells),
        bars(&rows, &columns, &cells),
        columns::versions(&columns, runs)
    );
    print!("{text}");
    match is_for_docs {
        true => splice::fill(CHAPTER, "defences", &text),
        false => Ok(()),
    }
}

/// The compiled programs.
struct Programs {
    folder: PathBuf,
}

impl Programs {
    fn build() -> Result<Self> {
        let folder = process::target_folder("defences")?;
        for tool in [&CC, &CXX] {
            if !tool.is_here() {
                return Err(tool.needed());
            }
        }
        let sources = root().join(SOURCES);
        // Without builtins the compiler may not leave out a block that nothing reads.
        let flags = ["-O1", "-fno-builtin", "-w", "-pthread", "-o"];
        let build = |compiler: &str, source: &str, program: &str| {
            let mut build = Command::new(compiler);
            build.args(flags).arg(folder.join(program));
            succeed(build.arg(sources.join(source)))
        };
        build(CC.program(), "defences.c", "defences")?;
        build(CXX.program(), "operators.cc", "operators")?;
        Ok(Self { folder })
    }

    /// Runs one program under one allocator.
    fn try_out(&self, row: &Row, column: &Column, runs: usize) -> Result<Cell> {
        let program = self.folder.join(row.program);
        let log = self.folder.join("log");
        let ends = (0..runs)
            .map(|_| run_once(&program, &row.name, column, &log))
            .collect::<Result<Vec<End>>>()?;
        Ok(Cell::of(row.kind, &ends))
    }
}

fn run_once(program: &Path, name: &str, column: &Column, log: &Path) -> Result<End> {
    let mut command = Command::new(program);
    command.arg(name);
    if let Some(library) = &column.library {
        command.env("LD_PRELOAD", library);
    }
    if let Some((name, value)) = column.option {
        command.env(name, value);
    }
    let ended = run_limited(&mut command, log, LIMIT)?;
    let said = fs::read(log).map_err(|error| format!("{}: {error}", log.display()))?;
    let exit = match ended {
        Ended::TimedOut => None,
        Ended::Exited(status) => Some(exit_of(status)),
    };
    Ok(End::of(&String::from_utf8_lossy(&said), exit))
}

#[cfg(unix)]
fn exit_of(status: std::process::ExitStatus) -> Exit {
    use std::os::unix::process::ExitStatusExt;
    const SIGBUS: i32 = 7;
    const SIGSEGV: i32 = 11;
    match status.signal() {
        _ if status.success() => Exit::Success,
        Some(SIGBUS | SIGSEGV) => Exit::BadAccess,
        _ => Exit::Other,
    }
}

#[cfg(not(unix))]
fn exit_of(status: std::process::ExitStatus) -> Exit {
    match status.success() {
        true => Exit::Success,
        false => Exit::Other,
    }
}

fn table(rows: &[Row], columns: &[Column], cells: &[Vec<Cell>]) -> String {
    let mut text = "| mistake or question |".to_owned();
    for column in columns {
        let _ = write!(text, " {} |", column.name);
    }
    text += "\n|---|";
    text += &"---|".repeat(columns.len());
    text.push('\n');
    for (row, cells) in rows.iter().zip(cells) {
        let _ = write!(text, "| {} |", row.what);
        for cell in cells {
            let _ = write!(text, " {} |", cell.text);
        }
        text.push('\n');
    }
    text
}

/// Where our tiers are behind what they are compared with.
fn bars(rows: &[Row], columns: &[Column], cells: &[Vec<Cell>]) -> String {
    let place = |name: &str| columns.iter().position(|column| column.name == name);
    let mut text = String::new();
    for (ours, theirs) in [
        (FULL, columns::HARDENED_MALLOC),
        (QUICK, columns::SNMALLOC_CHECKS),
        (QUICK, columns::GLIBC),
    ] {
        let (Some(our), Some(their)) = (place(ours), place(theirs)) else {
            let _ = writeln!(text, "- `{ours}` beside {theirs}: not compared.");
            continue;
        };
        let pairs = || rows.iter().zip(cells);
        let named = |is_meant: fn(u32, u32) -> bool| {
            let rows = pairs().filter(|(_, cells)| is_meant(cells[our].rank, cells[their].rank));
            rows.map(|(row, _)| &*row.what).collect::<Vec<_>>()
        };
        let (worse, better) = (named(|a, b| a < b), named(|a, b| a > b));
        let _ = writeln!(
            text,
            "- `{ours}` beside {theirs}: sooner or better in {} rows, later or worse in {}{}{}.",
            better.len(),
            worse.len(),
            if worse.is_empty() { "" } else { ": " },
            worse.join("; ")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_has_a_place_for_the_matrix() {
        let chapter = include_str!("../../../../docs/src/safety.md");
        assert!(splice::filled(chapter, "defences", "cells\n").is_some());
    }

    #[test]
    fn bars_name_the_rows_that_are_behind() {
        let cell = |rank| Cell {
            text: String::new(),
            rank,
        };
        let column = |name| Column {
            name,
            library: None,
            option: None,
            version: String::new(),
        };
        let rows = rows();
        let columns = [column(columns::HARDENED_MALLOC), column(FULL)];
        let mut cells: Vec<Vec<Cell>> = rows.iter().map(|_| vec![cell(4), cell(4)]).collect();
        cells[0][1] = cell(3);
        cells[1][1] = cell(5);
        let text = bars(&rows, &columns, &cells);
        let wanted = format!("better in 1 rows, later or worse in 1: {}.", rows[0].what);
        assert!(text.contains(&wanted), "{text}");
        assert!(text.contains("`quick` beside glibc: not compared"));
    }
}
