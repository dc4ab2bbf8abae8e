//! Replays the trace: as many of its calls, on as many allocators, as there is time for.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::allocators::{BASELINE, Entry};
use crate::bench::Bench;
use crate::child::ask;
use crate::commands::Interruption;
use crate::job::{Job, Question};
use crate::limits::Budget;
use crate::output::progress;
use crate::report::WorkloadReport;
use crate::select::{Peers, Selected, Wishes};
use crate::trace::commands;

/// The most calls that are replayed.
const MOST_OPS: usize = 2_000_000;
/// Calls by which it is found out how many there is time for.
const PROBED_OPS: usize = 30_000;
/// Fewer calls say nothing: rather fewer allocators.
const FEWEST_OPS: usize = 20_000;
/// What replays on an allocator take over one on libc, questions beside the time included.
const OTHERS: f64 = 8.0;
/// How much slower than libc allocators are, and a machine with other work.
const SLOWER: f64 = 1.5;
/// With less time than this there is none to wait for memory to be given back.
const WORTH_WAITING: f64 = 60.0;
/// What is replayed if there is no time for all, beside libraries.
const FIRST: &[&str] = &[
    BASELINE,
    "bump",
    "coalescing",
    "headerless",
    "thread-cached",
    "talc",
    "rlsf",
    "dlmalloc",
    "bumpalo",
];

/// What is replayed, and for how long.
pub(super) struct Replays<'a> {
    /// The trace.
    pub(super) trace: &'a Path,
    /// Libraries as they come.
    pub(super) libraries: Vec<Entry>,
    /// Seconds that it may take.
    pub(super) seconds: f64,
    /// The most calls.
    pub(super) most_ops: usize,
    /// Processes for each time.
    pub(super) reps: usize,
    /// Set when the user has had enough.
    pub(super) interruption: &'a Interruption,
}

/// What came of it.
pub(super) struct Replayed {
    /// The allocators.
    pub(super) entries: Vec<Entry>,
    /// Their figures.
    pub(super) report: WorkloadReport,
    /// What was left out for want of time; empty if nothing was.
    pub(super) note: String,
}

impl Replays<'_> {
    /// Replays it; `None` if it was interrupted.
    ///
    /// # Errors
    ///
    /// The trace cannot be replayed.
    pub(super) fn run(self, scratch: &TempDir) -> Result<Option<Replayed>> {
        let end = Instant::now() + Duration::from_secs_f64(self.seconds);
        let most = self.most_ops.min(MOST_OPS);
        let probe = select(self.cut(PROBED_OPS.min(most), scratch)?, scratch)?;
        let mut entries = Wishes {
            peers: Peers::All,
            ..Wishes::default()
        }
        .allocators()?;
        let n_all = entries.len();
        let n_probed = probe.script.steps.len();
        let left = |end: Instant| {
            let left = end.saturating_duration_since(Instant::now());
            left.as_secs_f64()
        };
        let (start, one) = self.cost(&probe);
        let per_call = (one - start).max(1e-6) / n_probed as f64;
        let per_row = self.reps as f64 + OTHERS;
        let seconds = |n_rows: usize, n_ops: usize| {
            let n_rows = n_rows + self.libraries.len();
            n_rows as f64 * per_row * SLOWER * (start + per_call * n_ops as f64)
        };
        if seconds(n_all, FEWEST_OPS.min(n_probed)) > left(end) {
            entries.retain(|entry| FIRST.contains(&entry.name));
        }
        let n_rows = entries.len();
        let spare = left(end) - seconds(n_rows, 0);
        let n_fit = (spare / (seconds(n_rows, 1) - seconds(n_rows, 0))).max(0.0) as usize;
        let n = n_fit.clamp(FEWEST_OPS, most.max(FEWEST_OPS));
        // A probe that has fewer calls than it may have is the whole trace.
        let selected = match n_probed < PROBED_OPS && n >= n_probed {
            true => probe,
            false => select(self.cut(n, scratch)?, scratch)?,
        };
        let is_cut = selected.script.steps.len() == n;
        entries.extend(self.libraries);
        let note = note(selected.script.steps.len(), is_cut, n_all - n_rows);
        eprintln!(
            "advise: {} calls of the trace on {} allocators, for {:.0} s at most",
            selected.script.steps.len(),
            entries.len(),
            left(end)
        );
        let budget = Budget::strict(Duration::from_secs_f64(left(end).max(1.0)));
        let drain = Question::Drain {
            five_seconds: false,
        };
        let questions = if self.seconds < WORTH_WAITING {
            &[][..]
        } else {
            &[drain]
        };
        let rows: Vec<&Entry> = entries.iter().collect();
        let bar = progress(Bench::n_children(rows.len(), questions.len(), self.reps));
        let bench = Bench {
            entries: &rows,
            questions,
            reps: self.reps,
            cut: None,
            budget: &budget,
            interrupted: self.interruption.is_set(),
            progress: &bar,
        };
        let report = bench.measure(&selected, 1);
        bar.finish_and_clear();
        Ok(report.map(|report| Replayed {
            entries,
            report,
            note,
        }))
    }

    /// The first `n` calls of the trace, in a file.
    fn cut(&self, n: usize, scratch: &TempDir) -> Result<PathBuf> {
        let name = self.trace.file_stem().unwrap_or_default();
        let path = scratch.path().join(name).with_extension("trace");
        commands::first_calls(self.trace, n as u64, &path)?;
        Ok(path)
    }

    /// Seconds that a process takes on libc, without a call and with all.
    fn cost(&self, selected: &Selected) -> (f64, f64) {
        let patience = Duration::from_secs_f64(self.seconds);
        let seconds = |ops: Option<usize>| {
            let job = Job {
                ops,
                allocator: BASELINE.to_string(),
                trace: selected.path.clone(),
                limit_ms: u64::try_from(patience.as_millis()).unwrap_or(u64::MAX),
                ..Job::asking(Question::Footprint)
            };
            let start = Instant::now();
            let _ = ask(&job, patience);
            start.elapsed().as_secs_f64()
        };
        (seconds(Some(1)), seconds(None))
    }
}

fn select(path: PathBuf, scratch: &TempDir) -> Result<Selected> {
    let wishes = Wishes {
        traces: vec![path],
        ..Wishes::default()
    };
    wishes
        .workloads(scratch)?
        .pop()
        .context("the trace has no calls")
}

/// What was left out for want of time.
fn note(n_ops: usize, is_cut: bool, n_left_out: usize) -> String {
    let mut parts = Vec::new();
    if is_cut {
        parts.push(format!("the first {n_ops} calls of the trace only"));
    }
    if n_left_out > 0 {
        parts.push(format!("not on {n_left_out} allocators"));
    }
    match parts.is_empty() {
        true => String::new(),
        false => format!("Replayed in the time given: {}.\n", parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocators::{self, Role};

    #[test]
    fn what_is_replayed_first_is_in_the_table() {
        for name in FIRST {
            let entry = allocators::find(name);
            assert!(
                entry.is_some_and(|entry| entry.role != Role::Hidden),
                "{name}"
            );
        }
    }

    #[test]
    fn what_was_left_out_is_said() {
        assert_eq!(note(5, false, 0), "");
        let text = note(20_000, true, 3);
        assert!(
            text.contains("first 20000 calls") && text.contains("not on 3"),
            "{text}"
        );
    }
}
