//! The run: which child is asked what, and when.
//!
//! For each workload every allocator is verified and its footprint is found, several allocators at
//! a time since neither is a matter of time. Then they are timed, one process at a time, in rounds:
//! a disturbance of the machine hits neighbours in a round rather than all runs of one allocator.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use indicatif::ProgressBar;

use crate::allocators::{self, EMPTY, Entry, NULL};
use crate::child::{Death, ask};
use crate::job::{Answer, Job, Question};
use crate::limits::{Budget, Limits};
use crate::report::{Answers, Facts, Time, WorkloadReport};
use crate::select::Selected;

/// What the harness itself costs: the loop alone, and with touching the blocks.
const CONTROLS: [&str; 2] = [EMPTY, NULL];

/// A run in progress.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// The rows.
    pub entries: &'a [&'a Entry],
    /// What is asked of each row that is sound, beside time and footprint.
    pub questions: &'a [Question],
    /// Processes per row.
    pub reps: usize,
    /// Operations after which any workload is cut off.
    pub cut: Option<usize>,
    /// The time that is left.
    pub budget: &'a Budget,
    /// Set when the user has had enough.
    pub interrupted: &'a AtomicBool,
    /// Moves by one for each child.
    pub progress: &'a ProgressBar,
}

impl Bench<'_> {
    /// Children of one workload if all goes well.
    pub fn n_children(n_entries: usize, n_questions: usize, reps: usize) -> usize {
        n_entries * (2 + n_questions + reps) + CONTROLS.len() * reps
    }

    /// Measures one workload; `n_left` of them are still to come, this one included. `None` if the
    /// run was interrupted before it was done.
    pub fn measure(&self, workload: &Selected, n_left: usize) -> Option<WorkloadReport> {
        let limits = self.budget.limits(n_left, self.entries.len());
        let mut answers = self.verify_all(workload, limits);
        let [loop_ns, harness_ns] = self.time_all(workload, limits, &mut answers);
        self.ask_details(workload, limits, &mut answers);
        if self.is_interrupted() {
            return None;
        }
        let script = &workload.script;
        let rows = self.entries.iter().zip(&answers);
        Some(WorkloadReport {
            name: script.name.clone(),
            fingerprint: workload.fingerprint,
            n_ops: script.steps.len(),
            facts: Facts {
                about: workload.about.clone(),
                peak_live: script.peak_live,
                room: script.roomy(),
                loop_ns,
                harness_ns,
                is_threaded: workload.is_threaded,
                frees_nothing: script.frees_nothing(),
            },
            rows: rows
                .map(|(entry, answers)| answers.row(entry, script))
                .collect(),
        })
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Verifies all allocators and finds their footprints.
    fn verify_all(&self, workload: &Selected, limits: Limits) -> Vec<Answers> {
        self.for_each_entry(|index| self.verify(self.entries[index], workload, limits))
    }

    /// Does `work` for the index of each entry, for as many at a time as there are CPUs.
    fn for_each_entry<T: Default + Clone + Send>(
        &self,
        work: impl Fn(usize) -> T + Sync,
    ) -> Vec<T> {
        let queue: Mutex<VecDeque<usize>> = Mutex::new((0..self.entries.len()).collect());
        let done = Mutex::new(vec![T::default(); self.entries.len()]);
        let n_workers = thread::available_parallelism()
            .map_or(1, usize::from)
            .min(8);
        thread::scope(|scope| {
            for _ in 0..n_workers {
                scope.spawn(|| {
                    while let Some(index) =
                        queue.lock().ok().and_then(|mut queue| queue.pop_front())
                    {
                        let result = work(index);
                        if let Ok(mut done) = done.lock() {
                            done[index] = result;
                        }
                    }
                });
            }
        });
        done.into_inner().unwrap_or_default()
    }

    fn verify(&self, entry: &Entry, workload: &Selected, limits: Limits) -> Answers {
        let mut answers = Answers {
            verified: self.ask(entry, workload, Question::Verify, limits.replay),
            ..Answers::default()
        };
        if answers.is_sound() {
            answers.footprint = self.ask(entry, workload, Question::Footprint, limits.search);
        } else {
            self.progress.inc(1);
        }
        answers
    }

    /// Times those that are sound, in rounds, and the controls in each round, whose medians it
    /// returns.
    fn time_all(
        &self,
        workload: &Selected,
        limits: Limits,
        answers: &mut [Answers],
    ) -> [Option<f64>; CONTROLS.len()] {
        let mut controls = CONTROLS.map(|name| (allocators::find(name), Vec::new()));
        for _ in 0..self.reps {
            for (entry, timed) in &mut controls {
                let entry = entry.as_ref();
                timed
                    .extend(entry.and_then(|entry| {
                        self.ask(entry, workload, Question::Time, limits.replay)
                    }));
            }
            for (entry, answers) in self.entries.iter().zip(&mut *answers) {
                if may_run_again(answers, limits.replay) {
                    answers
                        .timed
                        .extend(self.ask(entry, workload, Question::Time, limits.replay));
                } else {
                    self.progress.inc(1);
                }
            }
        }
        let n_ops = workload.script.steps.len();
        controls.map(|(_, timed)| Time::of_answers(&timed, n_ops).map(|time| time.median))
    }

    /// Asks what else is wanted of those that are sound: what needs a quiet machine one process at
    /// a time, the rest several at a time.
    fn ask_details(&self, workload: &Selected, limits: Limits, answers: &mut [Answers]) {
        let (quiet, others): (Vec<Question>, Vec<Question>) = self
            .questions
            .iter()
            .partition(|question| question.needs_quiet());
        for (entry, answers) in self.entries.iter().zip(&mut *answers) {
            let details = self.ask_each(entry, workload, &quiet, limits, answers.is_sound());
            answers.details.extend(details);
        }
        let is_sound: Vec<bool> = answers.iter().map(Answers::is_sound).collect();
        let details = self.for_each_entry(|index| {
            let entry = &self.entries[index];
            self.ask_each(entry, workload, &others, limits, is_sound[index])
        });
        for (answers, details) in answers.iter_mut().zip(details) {
            answers.details.extend(details);
        }
    }

    /// The answers to `questions`, if the row is sound.
    fn ask_each(
        &self,
        entry: &Entry,
        workload: &Selected,
        questions: &[Question],
        limits: Limits,
        is_sound: bool,
    ) -> Vec<Result<Answer, Death>> {
        if !is_sound {
            self.progress.inc(questions.len() as u64);
            return Vec::new();
        }
        let ask = |question: &Question| self.ask(entry, workload, *question, limits.search);
        questions.iter().filter_map(ask).collect()
    }

    /// `None` once the run is interrupted, since a child that got the same signal has not crashed, or once its time
    /// is over.
    fn ask(
        &self,
        entry: &Entry,
        workload: &Selected,
        question: Question,
        limit: Duration,
    ) -> Option<Result<Answer, Death>> {
        if self.is_interrupted() || self.budget.is_over() {
            return None;
        }
        let job = Job {
            trace: workload.path.clone(),
            recipe: workload.recipe.clone(),
            ops: self.cut,
            ..Job::new(entry, question, limit)
        };
        self.progress
            .set_message(format!("{} on {}", entry.name, workload.script.name));
        let answer = ask(&job, question.patience(limit));
        self.progress.inc(1);
        (!self.is_interrupted()).then_some(answer)
    }
}

/// A slow row is repeated only until its runs together have taken the time of one.
fn may_run_again(answers: &Answers, limit: Duration) -> bool {
    let nanos = answers.timed.iter().map(|answer| match answer {
        Ok(Answer::Timed { outcome, .. } | Answer::Threaded { outcome, .. }) => outcome.nanos,
        _ => 0,
    });
    answers.is_sound() && !answers.has_failed() && Duration::from_nanos(nanos.sum()) < limit
}
