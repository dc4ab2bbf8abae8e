//! Who completes a workload in a heap with little to spare, and how fast is that?
//!
//! The timed runs give each fixed heap room enough, the footprints say how little it can do with.
//! Between the two an allocator works as hard as it can: holes are what there is to take, and what
//! only helps in a roomy heap does not. Each fixed heap replays each workload in `TIGHTNESS` times
//! its peak of live bytes, the allocator's own state included.

mod report;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bench_results::stats::median;

use crate::allocators::{Entry, Memory, Role};
use crate::child::ask;
use crate::job::{Answer, Job, Question};
use crate::limits::Budget;
use crate::replay::Stop;
use crate::select::Selected;
pub use report::{Tight, TightEnd, TightRow, tables};

/// Bytes of a heap over the most that are live in it.
const TIGHTNESS: [f64; 2] = [1.5, 1.75];

/// Replays each workload on those of `entries` that have fixed heaps, `reps` times in rounds.
pub fn measure(
    entries: &[Entry],
    workloads: &[Selected],
    reps: usize,
    budget: &Budget,
    interrupted: &AtomicBool,
) -> Vec<Tight> {
    let fixed = entries.iter().filter(|entry| entry.memory == Memory::Fixed);
    let fixed: Vec<&Entry> = fixed.collect();
    let mut all = Vec::new();
    for (index, workload) in workloads.iter().enumerate() {
        for over_peak in TIGHTNESS {
            let n_rows = fixed.len() * TIGHTNESS.len();
            let heap = Heap {
                workload,
                over_peak,
                limit: budget.limits(workloads.len() - index, n_rows).replay,
                interrupted,
            };
            let Some(tight) = heap.measure(&fixed, reps) else {
                return all;
            };
            all.push(tight);
        }
    }
    all
}

/// A workload, and heaps of one length for it.
struct Heap<'a> {
    workload: &'a Selected,
    over_peak: f64,
    limit: Duration,
    interrupted: &'a AtomicBool,
}

impl Heap<'_> {
    fn len(&self) -> usize {
        (self.workload.script.peak_live as f64 * self.over_peak) as usize
    }

    /// `None` if it was interrupted.
    fn measure(&self, entries: &[&Entry], reps: usize) -> Option<Tight> {
        let mut ends = vec![Vec::new(); entries.len()];
        for _ in 0..reps {
            for (entry, ends) in entries.iter().zip(&mut ends) {
                if self.interrupted.load(Ordering::Relaxed) {
                    return None;
                }
                if ends.iter().all(|end| completes(end).is_some()) {
                    ends.push(self.replay(entry));
                }
            }
        }
        if self.interrupted.load(Ordering::Relaxed) {
            return None;
        }
        let rows = entries.iter().zip(ends).map(|(entry, ends)| TightRow {
            allocator: entry.name.to_string(),
            is_peer: entry.role == Role::Peer,
            times: ends.iter().filter_map(completes).collect(),
            end: together(ends),
        });
        Some(Tight {
            workload: self.workload.script.name.clone(),
            fingerprint: self.workload.fingerprint,
            n_ops: Some(self.workload.script.steps.len()),
            over_peak: self.over_peak,
            len: self.len(),
            rows: rows.collect(),
        })
    }

    fn replay(&self, entry: &Entry) -> TightEnd {
        let state_len = entry.subject.state_len();
        let question = Question::TimeIn {
            heap_len: self.len().saturating_sub(state_len),
        };
        let job = Job {
            allocator: entry.name.to_string(),
            trace: self.workload.path.clone(),
            recipe: self.workload.recipe.clone(),
            ops: Some(self.workload.script.steps.len()),
            n_warm_up: 0,
            question,
            limit_ms: u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX),
            preload: None,
            program: None,
        };
        let n_ops = self.workload.script.steps.len() as f64;
        match ask(&job, question.patience(self.limit)) {
            Ok(Answer::Timed {
                outcome, passes, ..
            }) => match outcome.stop {
                None => TightEnd::Completes {
                    ns: outcome.nanos as f64 / n_ops / f64::from(passes),
                },
                Some(Stop::OutOfMemory) => TightEnd::OutOfMemory {
                    done: outcome.ops_done as f64 / n_ops,
                },
                Some(Stop::TimeLimit) => TightEnd::TooSlow,
            },
            Ok(Answer::Violated { what }) => TightEnd::Broken { why: what },
            Ok(_) => TightEnd::Broken {
                why: "it answered another question".to_string(),
            },
            Err(death) => TightEnd::Broken {
                why: death.to_string(),
            },
        }
    }
}

fn completes(end: &TightEnd) -> Option<f64> {
    match end {
        TightEnd::Completes { ns } => Some(*ns),
        _ => None,
    }
}

/// The end that is not a completion, or the median of the times; one end at least.
fn together(ends: Vec<TightEnd>) -> TightEnd {
    if let Some(other) = ends.iter().find(|end| completes(end).is_none()) {
        return other.clone();
    }
    let times: Vec<f64> = ends.iter().filter_map(completes).collect();
    match median(&times) {
        Some(ns) => TightEnd::Completes { ns },
        None => TightEnd::TooSlow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_refusal_in_several_runs_is_no_completion() {
        let refusal = TightEnd::OutOfMemory { done: 0.1 };
        let ends = vec![TightEnd::Completes { ns: 1.0 }, refusal.clone()];
        assert_eq!(together(ends), refusal);
        let times = [3.0, 1.0, 2.0].map(|ns| TightEnd::Completes { ns });
        assert_eq!(together(times.to_vec()), TightEnd::Completes { ns: 2.0 });
    }
}
