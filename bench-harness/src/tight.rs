//! Who completes a workload in a heap with little to spare, and how fast is that?
//!
//! The timed runs give each fixed heap room enough, the footprints say how little it can do with.
//! Between the two an allocator works as hard as it can: holes are what there is to take, and what
//! only helps in a roomy heap does not. Each fixed heap replays each workload in `TIGHTNESS` times
//! its peak of live bytes, the allocator's own state included.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::allocators::{Entry, Memory, Role};
use crate::child::ask;
use crate::job::{Answer, Job, Question};
use crate::limits::Budget;
use crate::replay::Stop;
use crate::report::geometric;
use crate::report::table::{align_right, figure, new_table};
use crate::report::units::{nanos, ratio};
use crate::select::Selected;

/// Bytes of a heap over the most that are live in it.
const TIGHTNESS: [f64; 2] = [1.5, 1.75];

/// One workload in heaps of one length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tight {
    /// The workload's name.
    pub workload: String,
    /// Bytes of heap and state over peak live bytes.
    pub over_peak: f64,
    /// Bytes of heap and state.
    pub len: usize,
    /// One for each allocator with a fixed heap.
    pub rows: Vec<TightRow>,
}

/// One allocator in that heap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TightRow {
    /// The allocator's name.
    pub allocator: String,
    /// Whether it is by others, so that it is among those that are compared with.
    pub is_peer: bool,
    /// What became of it.
    pub end: TightEnd,
}

/// How an allocator fared in a tight heap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TightEnd {
    /// It completes the workload.
    Completes {
        /// The median of nanoseconds per operation.
        ns: f64,
    },
    /// It refuses a request.
    OutOfMemory {
        /// The share of the operations that it had done.
        done: f64,
    },
    /// The time given was over.
    TooSlow,
    /// It crashed, hung or mixed up its blocks.
    Broken {
        /// Why.
        why: String,
    },
}

impl TightRow {
    fn ns(&self) -> Option<f64> {
        match self.end {
            TightEnd::Completes { ns } => Some(ns),
            _ => None,
        }
    }

    fn cell(&self) -> String {
        match &self.end {
            TightEnd::Completes { ns } => nanos(*ns),
            TightEnd::OutOfMemory { .. } => "fails".to_string(),
            TightEnd::TooSlow => "too slow".to_string(),
            TightEnd::Broken { .. } => "broken".to_string(),
        }
    }
}

impl Tight {
    /// What it is called: the workload and how long the heaps are.
    pub fn name(&self) -> String {
        format!("{} in {} × its peak", self.workload, self.over_peak)
    }

    /// The allocators that crashed or mixed up their blocks.
    pub fn broken(&self) -> impl Iterator<Item = &str> {
        let is_broken = |row: &&TightRow| matches!(row.end, TightEnd::Broken { .. });
        let broken = self.rows.iter().filter(is_broken);
        broken.map(|row| row.allocator.as_str())
    }

    fn row(&self, allocator: &str) -> Option<&TightRow> {
        self.rows.iter().find(|row| row.allocator == allocator)
    }

    /// The time of the fastest allocator by others that completes.
    fn fastest_peer(&self) -> Option<f64> {
        let peers = self.rows.iter().filter(|row| row.is_peer);
        peers.filter_map(TightRow::ns).reduce(f64::min)
    }

    /// The time of `allocator` over that of the fastest peer, if both complete.
    fn over_fastest(&self, allocator: &str) -> Option<f64> {
        Some(self.row(allocator)?.ns()? / self.fastest_peer()?)
    }
}

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
        let rows = entries.iter().zip(ends).map(|(entry, ends)| TightRow {
            allocator: entry.name.to_string(),
            is_peer: entry.role == Role::Peer,
            end: median(ends),
        });
        Some(Tight {
            workload: self.workload.script.name.clone(),
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
fn median(ends: Vec<TightEnd>) -> TightEnd {
    if let Some(other) = ends.iter().find(|end| completes(end).is_none()) {
        return other.clone();
    }
    let mut times: Vec<f64> = ends.iter().filter_map(completes).collect();
    times.sort_by(f64::total_cmp);
    match times.get(times.len() / 2) {
        Some(ns) => TightEnd::Completes { ns: *ns },
        None => TightEnd::TooSlow,
    }
}

/// A table for each length: times by allocator and workload, how many workloads an allocator
/// completes, and its time over that of the fastest peer that does.
pub fn tables(all: &[Tight]) -> String {
    let mut text = String::new();
    for over_peak in TIGHTNESS {
        let same = all.iter().filter(|tight| tight.over_peak == over_peak);
        let same: Vec<&Tight> = same.collect();
        if !same.is_empty() {
            text += &table(over_peak, &same);
        }
    }
    text
}

fn table(over_peak: f64, all: &[&Tight]) -> String {
    let mut header = vec!["ns/op"];
    header.extend(all.iter().map(|tight| tight.workload.as_str()));
    header.extend(["completes", "/ fastest peer", "worst"]);
    let mut table = new_table(&header);
    let rows = all.first().map_or(&[][..], |tight| &tight.rows);
    for row in rows {
        table.add_row(line(&row.allocator, all));
    }
    align_right(&mut table, 1..header.len());
    format!("\nHeaps of {over_peak} times the peak of live bytes:\n{table}\n")
}

fn line(allocator: &str, all: &[&Tight]) -> Vec<String> {
    let rows = || all.iter().map(|tight| tight.row(allocator));
    let cell = |row| figure(row, TightRow::cell);
    let n_completed = rows().flatten().filter_map(TightRow::ns).count();
    let over = all.iter().filter_map(|tight| tight.over_fastest(allocator));
    let over: Vec<f64> = over.collect();
    let mut cells = vec![allocator.to_string()];
    cells.extend(rows().map(cell));
    cells.push(format!("{n_completed} of {}", all.len()));
    let summaries = [geometric(&over), over.iter().copied().reduce(f64::max)];
    cells.extend(summaries.map(|value| figure(value, ratio)));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(allocator: &str, is_peer: bool, end: TightEnd) -> TightRow {
        TightRow {
            allocator: allocator.to_string(),
            is_peer,
            end,
        }
    }

    fn tight(rows: Vec<TightRow>) -> Tight {
        Tight {
            workload: "w".to_string(),
            over_peak: 1.5,
            len: 1500,
            rows,
        }
    }

    #[test]
    fn a_stage_is_compared_with_the_fastest_peer_that_completes() {
        let completes = |ns| TightEnd::Completes { ns };
        let tight = tight(vec![
            row("stage", false, completes(6.0)),
            row("faster stage", false, completes(1.0)),
            row("peer", true, completes(4.0)),
            row("slower peer", true, completes(8.0)),
            row("fast and fails", true, TightEnd::OutOfMemory { done: 0.5 }),
        ]);
        assert_eq!(tight.over_fastest("stage"), Some(1.5));
        assert_eq!(tight.over_fastest("fast and fails"), None);
        let cells = line("stage", &[&tight]);
        assert_eq!(cells, ["stage", "6.00", "1 of 1", "1.500", "1.500"]);
        let cells = line("fast and fails", &[&tight]);
        let expected = ["fast and fails", "fails", "0 of 1", "–", "–"];
        assert_eq!(cells, expected);
    }

    #[test]
    fn one_refusal_in_several_runs_is_no_completion() {
        let refusal = TightEnd::OutOfMemory { done: 0.1 };
        let ends = vec![TightEnd::Completes { ns: 1.0 }, refusal.clone()];
        assert_eq!(median(ends), refusal);
        let times = [3.0, 1.0, 2.0].map(|ns| TightEnd::Completes { ns });
        assert_eq!(median(times.to_vec()), TightEnd::Completes { ns: 2.0 });
    }
}
