//! Does the cost of an operation depend on how many blocks are live?
//!
//! At 10² to 10⁶ live blocks one is freed at random and another allocated, again and again; the
//! build-up is not timed. More live blocks also mean more cache misses, whatever the allocator
//! does. Two controls go through the same memory in the same order: the null allocator, and one
//! that also visits the words where boundary tags would be (see `null`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use bench_results::stats::median;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::allocators::{NULL, TAGS};
use crate::child::ask;
use crate::job::{Answer, Job, Question};
use crate::limits::patience;
use crate::report::units::{nanos, ratio, thousands};
use crate::select::Wishes;
use crate::workloads::live;
use bench_results::grid::{align_right, figure, new_table};

/// The numbers of live blocks.
const LIVE: [usize; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];
/// Times one block is replaced by another.
const REPLACEMENTS: usize = 200_000;
const LIMIT: Duration = Duration::from_secs(5);

/// Cost of one allocator against the number of live blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The allocator, or `null` or `null-tags` for a control.
    pub allocator: String,
    /// Live blocks, and the median of nanoseconds per operation; `null` where it did not finish.
    pub points: Vec<(usize, Option<f64>)>,
    /// Nanoseconds per operation of each process that finished, for each number of live blocks.
    #[serde(default)]
    pub times: Vec<Vec<f64>>,
}

/// Times `names` (coalescing and mmap-backed if there are none) and the control.
///
/// # Errors
///
/// An unknown name, or a trace that cannot be written.
pub fn measure(
    names: &[String],
    seed: u64,
    reps: usize,
    scratch: &TempDir,
    interrupted: &AtomicBool,
) -> Result<Vec<Curve>> {
    let mut curves = curves(names)?;
    for n_live in LIVE {
        let trace = live(seed, n_live, REPLACEMENTS);
        let path = scratch.path().join(format!("live-{n_live}.trace"));
        trace.write(&path)?;
        let mut times = vec![Vec::new(); curves.len()];
        for _ in 0..reps {
            for (curve, times) in curves.iter().zip(&mut times) {
                if interrupted.load(Ordering::Relaxed) {
                    return Ok(curves);
                }
                let job = Job {
                    allocator: curve.allocator.clone(),
                    trace: path.clone(),
                    recipe: None,
                    ops: None,
                    n_warm_up: n_live,
                    question: Question::Time,
                    limit_ms: LIMIT.as_millis() as u64,
                    preload: None,
                    program: None,
                };
                times.push(time(&job));
            }
        }
        for (curve, times) in curves.iter_mut().zip(times) {
            let finished = times.iter().copied().flatten().collect();
            curve.points.push((n_live, all_finished(times)));
            curve.times.push(finished);
        }
    }
    Ok(curves)
}

fn curves(names: &[String]) -> Result<Vec<Curve>> {
    let mut names = names.to_vec();
    if names.is_empty() {
        names = vec!["coalescing".to_string(), "mmap-backed".to_string()];
    }
    let wishes = Wishes {
        allocators: names,
        ..Wishes::default()
    };
    let chosen = wishes
        .allocators()
        .context("--flat takes names of allocators")?;
    let names = chosen.iter().map(|entry| entry.name).chain([NULL, TAGS]);
    let curve = |name: &str| Curve {
        allocator: name.to_string(),
        points: Vec::new(),
        times: Vec::new(),
    };
    Ok(names.map(curve).collect())
}

fn time(job: &Job) -> Option<f64> {
    match ask(job, patience(LIMIT)) {
        Ok(Answer::Timed { outcome, .. }) if outcome.stop.is_none() => {
            Some(outcome.nanos as f64 / (2 * REPLACEMENTS) as f64)
        }
        _ => None,
    }
}

/// The median; `None` if any run did not finish.
fn all_finished(times: Vec<Option<f64>>) -> Option<f64> {
    median(&times.into_iter().collect::<Option<Vec<_>>>()?)
}

/// The curves, as they are and over the control with tags, and how much each grows.
pub fn table(curves: &[Curve]) -> String {
    let find = |name| curves.iter().find(|curve| curve.allocator == name);
    let (Some(null), Some(tags)) = (find(NULL), find(TAGS)) else {
        return String::new();
    };
    let columns: Vec<String> = tags.points.iter().map(|(n, _)| thousands(*n)).collect();
    let mut header = vec!["ns/op at live blocks"];
    header.extend(columns.iter().map(String::as_str));
    header.push("growth");
    let mut table = new_table(&header);
    for curve in curves.iter().filter(|curve| !is_control(curve)) {
        table.add_row(line(&curve.allocator, &values(curve), nanos));
        table.add_row(line(
            "  over boundary tags alone",
            &over(curve, tags),
            ratio,
        ));
    }
    table.add_row(line("control: boundary tags alone", &values(tags), nanos));
    table.add_row(line("control: no allocator", &values(null), nanos));
    align_right(&mut table, 1..header.len());
    format!("\nOne block freed at random and another allocated, n live:\n{table}\n")
}

fn is_control(curve: &Curve) -> bool {
    [NULL, TAGS].contains(&curve.allocator.as_str())
}

fn values(curve: &Curve) -> Vec<Option<f64>> {
    curve.points.iter().map(|(_, time)| *time).collect()
}

fn over(curve: &Curve, control: &Curve) -> Vec<Option<f64>> {
    let pairs = values(curve).into_iter().zip(values(control));
    pairs
        .map(|(time, control)| Some(time? / control?))
        .collect()
}

fn line(name: &str, values: &[Option<f64>], text: fn(f64) -> String) -> Vec<String> {
    let mut cells = vec![name.to_string()];
    cells.extend(values.iter().map(|value| figure(*value, text)));
    cells.push(figure(growth(values), ratio));
    cells
}

/// The most that a later point is over an earlier one: 1 or less where more live blocks never cost
/// more; `None` where one is missing.
fn growth(values: &[Option<f64>]) -> Option<f64> {
    let values = values.iter().copied().collect::<Option<Vec<f64>>>()?;
    let pairs = values.iter().enumerate().flat_map(|(index, earlier)| {
        let later = values[index + 1..].iter();
        later.map(move |later| later / earlier)
    });
    pairs.reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::growth;

    #[test]
    fn growth_is_the_worst_rise_and_not_a_fall() {
        let of = |values: &[f64]| growth(&values.iter().copied().map(Some).collect::<Vec<_>>());
        assert_eq!(of(&[4.0, 2.0, 1.0]), Some(0.5), "it only falls");
        assert_eq!(of(&[4.0, 2.0, 3.0]), Some(1.5), "a rise after a fall");
        assert_eq!(of(&[1.0]), None);
        assert_eq!(growth(&[Some(1.0), None]), None);
    }
}
