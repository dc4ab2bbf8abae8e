//! Options that say what becomes of the results.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bench_results::cmp::Comparison;
use bench_results::gate::{self, Gate};
use bench_results::{Results, lines, metric, values};
use clap::Args;

use super::file::{page_beside, read_results, write};
use super::{is_stdout, partial_beside, saved};
use crate::report::{Report, html, markdown};
use crate::shard::Shard;

/// What becomes of the results of `bench`, beside the tables and the JSON.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Results")]
pub struct ResultArgs {
    /// Keep the results under this name, for `--baseline`.
    #[arg(long, value_name = "NAME")]
    pub save: Option<String>,

    /// Show what changed since a saved run or the JSON of one, with intervals at 95 %.
    #[arg(long, value_name = "NAME|FILE")]
    pub baseline: Option<String>,

    /// Fail if a figure is worse than the baseline's by more than so many per cent, the whole of its
    /// interval, or if there is none any more.
    #[arg(long, value_name = "PERCENT", requires = "baseline", value_parser = percent)]
    pub fail_on: Option<f64>,

    /// Compare with a baseline of another machine, system or compiler all the same.
    #[arg(long, requires = "baseline")]
    pub any_machine: bool,

    /// Compare these figures with the baseline's only, such as `footprint` or `instructions`, which need no
    /// quiet machine.
    #[arg(long, value_name = "NAME", requires = "baseline", num_args = 1..)]
    pub metric: Vec<String>,

    /// Fail if a figure does not reach its limit in this file of gates, or if a gate finds nothing to judge.
    #[arg(long, value_name = "FILE")]
    pub gate: Option<PathBuf>,

    /// Go on where the same command was interrupted: what it left beside the JSON, or what the JSON has,
    /// is not measured again.
    #[arg(long, conflicts_with = "from")]
    pub resume: bool,

    /// Where the report goes, one page that needs nothing else. [default: `report.html` beside the
    /// JSON]
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// Write the tables as Markdown; without FILE, or with `-`, to standard output instead of
    /// the usual ones.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    pub markdown: Option<PathBuf>,

    /// Write one line of comma-separated values for each figure; without FILE, or with `-`, to
    /// standard output instead of the tables.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    pub csv: Option<PathBuf>,

    /// Append the results to this file as well.
    #[arg(long, value_name = "FILE")]
    pub records: Option<PathBuf>,

    /// Measure the i-th of n parts of this run only; `cat` puts the files of the parts together.
    #[arg(long, value_name = "I/N", conflicts_with = "from")]
    pub shard: Option<Shard>,
}

/// A run with its tables.
pub(crate) struct Concluded<'a> {
    /// Its records.
    pub(crate) results: &'a Results,
    /// What tables say of them.
    pub(crate) report: Report,
}

/// What the results are of, beside the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A run that went to its end.
    Whole,
    /// One that was interrupted.
    Partial,
    /// An earlier run, which is in its file already.
    Earlier,
}

impl Outcome {
    /// Where what is meant for `path` goes: partial results beside it.
    pub(crate) fn place(self, path: &Path) -> PathBuf {
        let beside = partial_beside(path).filter(|_| self == Self::Partial);
        beside.unwrap_or_else(|| path.to_path_buf())
    }
}

/// A number of per cent, with or without its sign.
pub(crate) fn percent(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').parse::<f64>() {
        Ok(percent) if (0.0..=10_000.0).contains(&percent) => Ok(percent),
        _ => Err("a number of per cent from 0 to 10000 is needed".to_string()),
    }
}

/// The gates in a file.
///
/// # Errors
///
/// It cannot be read, or has what is no gate.
pub(crate) fn read_gates(path: &Path) -> Result<Vec<Gate>> {
    let shown = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(shown)?;
    gate::parse(&text).with_context(shown)
}

impl ResultArgs {
    /// The run to compare with.
    ///
    /// # Errors
    ///
    /// There is none of that name, or it cannot be read.
    pub(crate) fn read_baseline(&self) -> Result<Option<Results>> {
        let path = self.baseline.as_deref().map(saved::find).transpose()?;
        path.map(|path| read_results(&path)).transpose()
    }

    /// The gates of the file that is named.
    ///
    /// # Errors
    ///
    /// It cannot be read, or has what is no gate.
    pub(crate) fn read_gates(&self) -> Result<Vec<Gate>> {
        let gates = self.gate.as_deref().map(read_gates);
        Ok(gates.transpose()?.unwrap_or_default())
    }

    /// Finds out before a run whether its results can be kept.
    ///
    /// # Errors
    ///
    /// A name to save under that is none, or a figure that nobody knows.
    pub(crate) fn check(&self) -> Result<()> {
        for name in &self.metric {
            metric::find(name)?;
        }
        self.save
            .as_deref()
            .map_or(Ok(()), |name| saved::path_of(name).map(drop))
    }

    /// Writes everything that was asked for beside the JSON, and the page of a new run. Returns the
    /// files that there are now. Partial results go beside those of the last whole run, and are not
    /// saved under a name: a later run would be compared with them.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub(crate) fn publish(
        &self,
        run: &Concluded<'_>,
        comparison: Option<&Comparison>,
        json: &Path,
        outcome: Outcome,
    ) -> Result<Vec<PathBuf>> {
        let Concluded { results, report } = run;
        let is_new = outcome != Outcome::Earlier;
        let mut files = Vec::new();
        if is_new {
            files.push(outcome.place(json));
        }
        if let Some(path) = self.page(json).filter(|_| is_new || self.html.is_some()) {
            let path = outcome.place(&path);
            write(&path, &html::page(report, comparison)?)?;
            files.push(path);
        }
        if let Some(path) = self.markdown.as_ref().map(|path| outcome.place(path)) {
            write(&path, &markdown::document(report))?;
            files.push(path);
        }
        if let Some(path) = self.csv.as_ref().map(|path| outcome.place(path)) {
            write(&path, &values::lines(results)?)?;
            files.push(path);
        }
        if let Some(path) = self
            .records
            .as_ref()
            .filter(|_| outcome != Outcome::Partial)
        {
            lines::append(path, results)?;
            files.push(path.clone());
        }
        if let Some(name) = self.save.as_ref().filter(|_| outcome != Outcome::Partial) {
            files.push(saved::save(name, results)?);
        }
        files.retain(|path| !is_stdout(path));
        Ok(files)
    }

    /// The files in which an interrupted run leaves its results.
    pub(crate) fn partial_files(&self, json: &Path) -> Vec<PathBuf> {
        let page = self.page(json);
        let files = [
            Some(json),
            page.as_deref(),
            self.markdown.as_deref(),
            self.csv.as_deref(),
        ];
        files
            .into_iter()
            .flatten()
            .filter_map(partial_beside)
            .collect()
    }

    /// Where the page goes.
    fn page(&self, json: &Path) -> Option<PathBuf> {
        self.html.clone().or_else(|| page_beside(json))
    }
}
