//! Who completes a workload in a heap with little to spare, and how fast is that?
//!
//! The timed runs give each fixed heap room enough, the footprints say how little it can do with.
//! Between the two an allocator works as hard as it can: holes are what there is to take, and what
//! only helps in a roomy heap does not. Each fixed heap replays each workload in `TIGHTNESS` times
//! its peak of live bytes, the allocator's own state included.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bench_results::grid::Draw;
use bench_results::pivot::Pivot;
use bench_results::{Case, Measurement, Outcome, Suite, group};

use crate::allocators::{Entry, Memory};
use crate::child::ask;
use crate::job::{Answer, Job, Question};
use crate::limits::Budget;
use crate::output::Log;
use crate::replay::Stop;
use crate::report::records::{measured, subject};
use crate::select::Selected;

/// The parameter of its cases.
const PARAM: &str = "heap";

/// Bytes of a heap over the most that are live in it.
const TIGHTNESS: [f64; 2] = [1.5, 1.75];

/// Replays each workload on those of `entries` that have fixed heaps, `reps` times in rounds.
pub(crate) fn measure(
    entries: &[Entry],
    workloads: &[Selected],
    reps: usize,
    budget: &Budget,
    interrupted: &AtomicBool,
    log: &mut Log,
) {
    let fixed = entries.iter().filter(|entry| entry.memory == Memory::Fixed);
    let fixed: Vec<&Entry> = fixed.collect();
    let names = || fixed.iter().map(|entry| entry.name);
    let n_cases = workloads.len() * TIGHTNESS.len();
    let mut n_seen = 0;
    for (index, workload) in workloads.iter().enumerate() {
        for over_peak in TIGHTNESS {
            let n_rows = fixed.len() * TIGHTNESS.len();
            let heap = Heap {
                workload,
                over_peak,
                limit: budget.limits(workloads.len() - index, n_rows).replay,
                interrupted,
            };
            n_seen += 1;
            if !log.wants((n_seen - 1, n_cases), &heap.case(), names()) {
                continue;
            }
            let Some(tight) = heap.measure(&fixed, reps) else {
                return;
            };
            log.add(tight);
        }
    }
}

/// A workload, and heaps of one length for it.
struct Heap<'a> {
    workload: &'a Selected,
    over_peak: f64,
    limit: Duration,
    interrupted: &'a AtomicBool,
}

impl Heap<'_> {
    fn case(&self) -> Case {
        self.workload.case().with(PARAM, self.over_peak)
    }

    fn len(&self) -> usize {
        (self.workload.script.peak_live as f64 * self.over_peak) as usize
    }

    /// `None` if it was interrupted.
    fn measure(&self, entries: &[&Entry], reps: usize) -> Option<Vec<Measurement>> {
        let mut outcomes = vec![Outcome::Samples(Vec::new()); entries.len()];
        for _ in 0..reps {
            for (entry, outcome) in entries.iter().zip(&mut outcomes) {
                if self.interrupted.load(Ordering::Relaxed) {
                    return None;
                }
                // Who does not complete it once does not complete it.
                let Outcome::Samples(times) = outcome else {
                    continue;
                };
                match self.replay(entry) {
                    Ok(time) => times.push(time),
                    Err(why) => *outcome = why,
                }
            }
        }
        if self.interrupted.load(Ordering::Relaxed) {
            return None;
        }
        let case = self.case();
        let each = entries.iter().zip(outcomes);
        let each = each.map(|(entry, outcome)| measured(&subject(entry), &case, "time", outcome));
        Some(each.collect())
    }

    /// Nanoseconds of an operation, or why it does not complete.
    fn replay(&self, entry: &Entry) -> Result<f64, Outcome> {
        let state_len = entry.subject.state_len();
        let question = Question::TimeIn {
            heap_len: self.len().saturating_sub(state_len),
        };
        let job = Job {
            trace: self.workload.path.clone(),
            recipe: self.workload.recipe.clone(),
            ops: Some(self.workload.script.steps.len()),
            ..Job::new(entry, question, self.limit)
        };
        let n_ops = self.workload.script.steps.len() as f64;
        match ask(&job, question.patience(self.limit)) {
            Ok(Answer::Timed {
                outcome, passes, ..
            }) => match outcome.stop {
                None => Ok(outcome.nanos as f64 / n_ops / f64::from(passes)),
                Some(Stop::OutOfMemory) => {
                    let done = outcome.ops_done as f64 / n_ops * 100.0;
                    Err(Outcome::Stopped(format!("out of memory after {done:.1} %")))
                }
                Some(Stop::TimeLimit) => Err(Outcome::Stopped("too slow".to_string())),
            },
            Ok(Answer::Violated { what }) => Err(Outcome::Failed(what)),
            Ok(_) => Err(Outcome::Failed("it answered another question".to_string())),
            Err(death) => Err(Outcome::Failed(death.to_string())),
        }
    }
}

/// Whether a case is one of these.
pub(crate) fn is_case(case: &Case) -> bool {
    case.suite == Suite::Trace && case.params.contains_key(PARAM)
}

/// A table for each length: times by allocator and workload, how many workloads an allocator completes, and its
/// time over that of the fastest peer that does.
pub(crate) fn tables(all: &[Measurement], draw: Draw) -> String {
    let mut lengths: Vec<&String> = group::cases(all)
        .iter()
        .filter_map(|case| case.params.get(PARAM))
        .collect();
    lengths.sort();
    lengths.dedup();
    let table = |length: &&String| {
        let is_meant = |one: &&Measurement| one.case.params.get(PARAM) == Some(*length);
        let same: Vec<Measurement> = all.iter().filter(is_meant).cloned().collect();
        let pivot = Pivot::new("ns/op", &same, &["time"]).beside_best_peer("time");
        format!(
            "\nHeaps of {length} times the peak of live bytes:\n\n{}",
            draw(&[vec![pivot.header], pivot.lines].concat())
        )
    };
    lengths.iter().map(table).collect()
}
