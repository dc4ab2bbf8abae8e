//! Does the cost of an operation depend on how many blocks are live?
//!
//! At 10² to 10⁶ live blocks one is freed at random and another allocated, again and again; the
//! build-up is not timed. More live blocks also mean more cache misses, whatever the allocator
//! does. Two controls go through the same memory in the same order: the null allocator, and one
//! that also visits the words where boundary tags would be (see `null`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use bench_results::grid::Draw;
use bench_results::{Case, Measurement, Outcome, Suite, scaling};
use tempfile::TempDir;

use crate::allocators::{self, Entry, NULL, TAGS};
use crate::child::ask;
use crate::job::{Answer, Job, Question};
use crate::limits::patience;
use crate::output::Log;
use crate::report::records::{measured, subject};
use crate::select::Wishes;
use crate::workloads::live;

/// The name of its cases, and their parameter.
const NAME: &str = "live";
const PARAM: &str = "n";

/// The numbers of live blocks.
const LIVE: [usize; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];
/// Times one block is replaced by another.
const REPLACEMENTS: usize = 200_000;
const LIMIT: Duration = Duration::from_secs(5);

/// Times `names` (coalescing and mmap-backed if there are none) and the controls.
///
/// # Errors
///
/// An unknown name, or a trace that cannot be written.
pub(crate) fn measure(
    names: &[String],
    seed: u64,
    reps: usize,
    scratch: &TempDir,
    interrupted: &AtomicBool,
    log: &mut Log,
) -> Result<()> {
    let entries = entries(names)?;
    for (index, n_live) in LIVE.into_iter().enumerate() {
        let case = Case::new(Suite::Kernel, NAME).with(PARAM, n_live);
        let names = entries.iter().map(|entry| entry.name);
        if !log.wants((index, LIVE.len()), &case, names) {
            continue;
        }
        let trace = live(seed, n_live, REPLACEMENTS);
        let path = scratch.path().join(format!("live-{n_live}.trace"));
        trace.write(&path)?;
        let mut times = vec![Vec::new(); entries.len()];
        for _ in 0..reps {
            for (entry, times) in entries.iter().zip(&mut times) {
                if interrupted.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let job = Job {
                    trace: path.clone(),
                    n_warm_up: n_live,
                    ..Job::new(entry, Question::Time, LIMIT)
                };
                times.push(time(&job));
            }
        }
        let mut all = Vec::new();
        for (entry, times) in entries.iter().zip(times) {
            let times = times.into_iter().collect::<Option<Vec<f64>>>();
            let unfinished = || Outcome::Stopped("not finished in the time given".to_string());
            let outcome = times.map_or_else(unfinished, Outcome::Samples);
            all.push(measured(&subject(entry), &case, "time", outcome));
        }
        log.add(all);
    }
    Ok(())
}

fn entries(names: &[String]) -> Result<Vec<Entry>> {
    let mut names = names.to_vec();
    if names.is_empty() {
        names = vec!["coalescing".to_string(), "mmap-backed".to_string()];
    }
    let wishes = Wishes {
        allocators: names,
        ..Wishes::default()
    };
    let mut entries = wishes
        .allocators()
        .context("--flat takes names of allocators")?;
    entries.extend([NULL, TAGS].into_iter().filter_map(allocators::find));
    Ok(entries)
}

fn time(job: &Job) -> Option<f64> {
    match ask(job, patience(LIMIT)) {
        Ok(Answer::Timed { outcome, .. }) if outcome.stop.is_none() => {
            Some(outcome.nanos as f64 / (2 * REPLACEMENTS) as f64)
        }
        _ => None,
    }
}

/// Whether a case is one of these.
pub(crate) fn is_case(case: &Case) -> bool {
    case.suite == Suite::Kernel && case.name == NAME
}

/// The times, those over the control with tags, and how much each grows; empty if there are none.
pub(crate) fn table(all: &[Measurement], draw: Draw) -> String {
    match scaling::lines(all, PARAM, TAGS) {
        lines if lines.is_empty() => String::new(),
        lines => format!(
            "\nOne block freed at random and another allocated, n live, ns per operation:\n\n{}",
            draw(&lines)
        ),
    }
}
