//! One allocator on one workload: from the answers of its children to a row.

use bench_results::stats::median;
use serde::{Deserialize, Serialize};

use super::Detail;
use super::units::{bytes, nanos, thousands};
use crate::allocators::{BASELINE, Entry, Memory, Need, Role};
use crate::child::Death;
use crate::job::{Answer, Footprint};
use crate::replay::{Outcome, Stop};
use crate::script::Script;

/// One allocator on one workload.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The allocator's name.
    pub allocator: String,
    /// The need that it answers; `None` of the control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<Need>,
    /// The version of its package.
    pub version: Option<String>,
    /// Whether it is a stage of this workspace.
    pub is_stage: bool,
    /// Whether it is a library in the place of libc's `malloc`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_preloaded: bool,
    /// Its time, if every repetition went to the end.
    pub time: Option<Time>,
    /// The time of each process in ns per operation, in the order of the rounds.
    pub times: Vec<f64>,
    /// Of several runs together: the baseline's median time in this row's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_ns: Option<f64>,
    /// Minor page faults in a replay, the median process's, where the operating system's memory is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_faults: Option<u64>,
    /// What it needs.
    pub footprint: Footprint,
    /// Footprint over peak live bytes.
    pub footprint_ratio: Option<f64>,
    /// What tables say of it beside its figures.
    #[serde(flatten)]
    pub remarks: Remarks,
}

/// What a table says of a row beside its figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Remarks {
    /// It crashed, hung while it was verified, or broke a promise.
    pub broken: bool,
    /// The run fails because of it: a peer may crash, and nobody may break a promise.
    pub is_failure: bool,
    /// What else there is to know, where it stopped first of all.
    pub notes: Vec<String>,
    /// Tails, memory over time and counts, where they were asked for.
    pub detail: Detail,
}

/// Nanoseconds per operation over several processes. The harness's own cost is included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Time {
    /// The median.
    pub median: f64,
    /// The fastest.
    pub min: f64,
    /// The slowest.
    pub max: f64,
    /// How many processes.
    pub n_runs: usize,
}

impl Row {
    /// Whether ratios are to this row.
    pub fn is_baseline(&self) -> bool {
        self.allocator == BASELINE
    }
}

/// What the children of one row have answered so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    pub(crate) verified: Option<Result<Answer, Death>>,
    pub(crate) footprint: Option<Result<Answer, Death>>,
    pub(crate) timed: Vec<Result<Answer, Death>>,
    pub(crate) details: Vec<Result<Answer, Death>>,
}

impl Answers {
    /// Whether the verifying replay went to the end: only then is there something to time.
    pub(crate) fn is_sound(&self) -> bool {
        matches!(&self.verified, Some(Ok(Answer::Verified { outcome, .. })) if outcome.stop.is_none())
    }

    /// Whether a timed run has failed already.
    pub(crate) fn has_failed(&self) -> bool {
        self.timed.iter().any(|answer| time_of(answer, 1).is_none())
    }

    /// The row that these answers make.
    pub(crate) fn row(&self, entry: &Entry, script: &Script) -> Row {
        let footprint = match &self.footprint {
            Some(Ok(Answer::Footprint(footprint))) => *footprint,
            _ => Footprint::default(),
        };
        let peak_live = script.peak_live.max(1) as f64;
        let times = each_time(&self.timed, script.steps.len());
        Row {
            allocator: entry.name.to_string(),
            need: entry.need(),
            version: entry.version.map(str::to_string),
            is_stage: entry.role == Role::Stage,
            is_preloaded: entry.preload.is_some(),
            time: Time::of(&times),
            times,
            baseline_ns: None,
            page_faults: self.page_faults(entry, script.steps.len()),
            footprint,
            footprint_ratio: footprint.bytes.map(|bytes| bytes as f64 / peak_live),
            remarks: Remarks {
                broken: self.is_broken(),
                is_failure: self.is_failure(entry),
                notes: self.notes(entry, script, &footprint),
                detail: self.detail(),
            },
        }
    }

    fn page_faults(&self, entry: &Entry, n_ops: usize) -> Option<u64> {
        let of_system = entry.memory == Memory::System;
        of_system.then(|| page_faults(&self.timed, n_ops)).flatten()
    }

    fn detail(&self) -> Detail {
        let mut detail = Detail::default();
        for answer in self.details.iter().flatten() {
            if let Answer::Detail(part) = answer {
                detail.add((**part).clone());
            }
        }
        detail
    }

    /// Whether the allocator did what none may do. One that was verified in time and takes too long
    /// afterwards is slow, and a measurement that is not possible here is not its fault.
    fn is_broken(&self) -> bool {
        let mut replays = self.timed.iter();
        let mut others = self.footprint.iter().chain(&self.details);
        matches!(self.verified, Some(Err(_)))
            || replays.any(|answer| answer.as_ref().is_err_and(|death| !death.is_hang()))
            || others.any(has_crashed)
            || self.has_violated()
    }

    fn is_failure(&self, entry: &Entry) -> bool {
        let is_ours = entry.role != Role::Peer || entry.preload.is_some();
        self.has_violated() || self.is_broken() && is_ours
    }

    fn has_violated(&self) -> bool {
        self.everything()
            .any(|answer| matches!(answer, Ok(Answer::Violated { .. })))
    }

    fn everything(&self) -> impl Iterator<Item = &Result<Answer, Death>> {
        self.verified
            .iter()
            .chain(&self.footprint)
            .chain(&self.timed)
            .chain(&self.details)
    }

    fn notes(&self, entry: &Entry, script: &Script, footprint: &Footprint) -> Vec<String> {
        let n_ops = script.steps.len();
        let mut notes: Vec<String> = self
            .everything()
            .filter_map(|answer| trouble(answer, entry, script))
            .collect();
        if let Some(Ok(Answer::Verified {
            without_reuse: Some(outcome),
            ..
        })) = &self.verified
        {
            notes.extend(stop_note(outcome, n_ops, script.roomy()));
        }
        if footprint.is_upper_bound {
            notes.push("footprint at most: the search ran out of time".to_string());
        } else if self.is_sound() && self.footprint.is_some() && footprint.bytes.is_none() {
            notes.push("footprint not found in the time given".to_string());
        }
        let faults = self.page_faults(entry, n_ops);
        notes.extend(faults.map(|n| format!("{} page faults", thousands(n as usize))));
        notes.extend(cpu_note(&self.timed, n_ops));
        notes.dedup();
        notes
    }
}

fn has_crashed(answer: &Result<Answer, Death>) -> bool {
    matches!(answer, Err(Death::Signal { .. }))
}

/// What kept an answer from being a measurement.
fn trouble(answer: &Result<Answer, Death>, entry: &Entry, script: &Script) -> Option<String> {
    match answer {
        Err(death) => Some(death.to_string()),
        Ok(Answer::Violated { what }) => Some(format!("BROKEN: {what}")),
        Ok(
            Answer::Verified { outcome, .. }
            | Answer::Timed { outcome, .. }
            | Answer::Threaded { outcome, .. },
        ) => stop_note(outcome, script.steps.len(), entry.room_len(script)),
        Ok(Answer::NotShared) => Some("single-threaded: not run".to_string()),
        Ok(
            Answer::Footprint(_)
            | Answer::Global(_)
            | Answer::Explained(_)
            | Answer::Arena(_)
            | Answer::Challenged(_)
            | Answer::Promise(_)
            | Answer::Detail(_)
            | Answer::Ground(_),
        ) => None,
    }
}

fn stop_note(outcome: &Outcome, n_ops: usize, heap_len: usize) -> Option<String> {
    let done = format!(
        "{} of {} operations",
        thousands(outcome.ops_done),
        thousands(n_ops)
    );
    Some(match outcome.stop? {
        Stop::OutOfMemory => format!("out of memory after {done} in {}", bytes(heap_len)),
        Stop::TimeLimit => {
            let seconds = outcome.nanos as f64 / 1e9;
            let each = nanos(outcome.nanos as f64 / outcome.ops_done.max(1) as f64);
            format!("too slow: {done} in {seconds:.1} s, {each} ns each")
        }
    })
}

/// Nanoseconds per operation and page faults per replay, of a replay that went to the end.
fn time_of(answer: &Result<Answer, Death>, n_ops: usize) -> Option<(f64, u64)> {
    match answer {
        Ok(Answer::Timed {
            outcome,
            passes,
            page_faults,
        }) if outcome.stop.is_none() => {
            let n_ops = n_ops as f64 * f64::from(*passes);
            Some((
                outcome.nanos as f64 / n_ops,
                page_faults / u64::from(*passes),
            ))
        }
        Ok(Answer::Threaded {
            outcome,
            page_faults,
            ..
        }) if outcome.stop.is_none() => Some((outcome.nanos as f64 / n_ops as f64, *page_faults)),
        _ => None,
    }
}

/// CPU time of all threads in ns per operation, the least of the processes'.
fn cpu_note(timed: &[Result<Answer, Death>], n_ops: usize) -> Option<String> {
    let cpu = timed.iter().filter_map(|answer| match answer {
        Ok(Answer::Threaded { cpu_nanos, .. }) => Some(*cpu_nanos),
        _ => None,
    });
    let least = cpu.min()? as f64 / n_ops as f64;
    Some(format!("wall clock; {} ns/op of CPU time", nanos(least)))
}

/// The page faults of the process with the median time; `None` as of [`each_time`].
fn page_faults(answers: &[Result<Answer, Death>], n_ops: usize) -> Option<u64> {
    let times = answers.iter().map(|answer| time_of(answer, n_ops));
    let mut times = times.collect::<Option<Vec<_>>>()?;
    times.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    Some(times.get(times.len() / 2)?.1)
}

/// The time of each process, in the order of the answers; none if any stopped early.
fn each_time(answers: &[Result<Answer, Death>], n_ops: usize) -> Vec<f64> {
    let times = answers.iter().map(|answer| Some(time_of(answer, n_ops)?.0));
    times.collect::<Option<_>>().unwrap_or_default()
}

impl Time {
    /// The median and the spread; `None` of no times.
    pub(crate) fn of(times: &[f64]) -> Option<Self> {
        let end = |pick: fn(f64, f64) -> f64| times.iter().copied().reduce(pick);
        Some(Self {
            median: median(times)?,
            min: end(f64::min)?,
            max: end(f64::max)?,
            n_runs: times.len(),
        })
    }

    /// That of the processes of one row.
    pub(crate) fn of_answers(answers: &[Result<Answer, Death>], n_ops: usize) -> Option<Self> {
        Self::of(&each_time(answers, n_ops))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocators;
    use crate::packed::PackedLayout;

    fn verified() -> Option<Result<Answer, Death>> {
        let outcome = Outcome {
            ops_done: 1,
            nanos: 1,
            checksum: 0,
            stop: None,
        };
        let without_reuse = None;
        Some(Ok(Answer::Verified {
            outcome,
            without_reuse,
        }))
    }

    fn crash() -> Result<Answer, Death> {
        let last_words = String::new();
        Err(Death::Signal {
            number: libc::SIGSEGV,
            last_words,
        })
    }

    const HANG: Result<Answer, Death> = Err(Death::Hung { seconds: 9.0 });

    /// Whether a row of these answers is broken, and whether the run fails because of it.
    fn verdict(allocator: &str, answers: &Answers) -> (bool, bool) {
        let entry = allocators::find(allocator).unwrap();
        let layout = PackedLayout::new(std::alloc::Layout::new::<u64>()).unwrap();
        let row = answers.row(&entry, &Script::of_one_request(layout));
        assert!(!row.remarks.notes.is_empty(), "it says so in any case");
        (row.remarks.broken, row.remarks.is_failure)
    }

    #[test]
    fn an_allocator_that_is_too_slow_for_a_measurement_is_not_broken() {
        let slow = Answers {
            verified: verified(),
            footprint: Some(HANG),
            timed: vec![HANG],
            details: vec![HANG],
        };
        assert_eq!(verdict("worst-fit", &slow), (false, false));
        assert_eq!(verdict("talc", &slow), (false, false));
    }

    #[test]
    fn a_stage_that_crashes_or_hangs_fails_the_run_and_a_peer_is_a_row() {
        let crashed = Answers {
            verified: Some(crash()),
            ..Answers::default()
        };
        let crashed_later = Answers {
            verified: verified(),
            details: vec![crash()],
            ..Answers::default()
        };
        let hung = Answers {
            verified: Some(HANG),
            ..Answers::default()
        };
        for answers in [crashed, crashed_later, hung] {
            assert_eq!(verdict("coalescing", &answers), (true, true));
            assert_eq!(verdict("talc", &answers), (true, false));
        }
    }

    #[test]
    fn whoever_breaks_a_promise_fails_the_run() {
        let what = "overlaps live block".to_string();
        let violated = Answers {
            verified: Some(Ok(Answer::Violated { what })),
            ..Answers::default()
        };
        assert_eq!(verdict("coalescing", &violated), (true, true));
        assert_eq!(verdict("talc", &violated), (true, true));
    }
}
