//! Every allocator on every row, in rounds.

use std::sync::atomic::{AtomicBool, Ordering};

use bench_results::units::three_digits;
use bench_results::{Family, Linkage, Measurement, Outcome, Role, Subject};
use indicatif::ProgressBar;

use super::{Row, Task};
use crate::allocators::{self, EMPTY, Entry};
use crate::child::ask;
use crate::job::{Answer, Job, Question};
use crate::measure::callgrind::can_count;
use crate::output::Choice;
use crate::output::Log;
use crate::report::records::{measured, subject};

/// What a loop takes beside the allocator is that of this subject. It is part of every time.
const LOOP: &str = "loop";

/// What is measured, and how often.
pub(crate) struct Measure<'a> {
    /// The allocators.
    pub(crate) entries: &'a [Entry],
    /// Processes for each time.
    pub(crate) reps: usize,
    /// Set when the user has had enough.
    pub(crate) interrupted: &'a AtomicBool,
    /// Moves by one for each process.
    pub(crate) progress: &'a ProgressBar,
}

/// `rows`, or all of them, at each of `threads`. What needs valgrind is left out without it.
pub(crate) fn tasks(rows: &[Row], threads: &[u16], is_quick: bool) -> Vec<Task> {
    let rows = if rows.is_empty() { Row::all() } else { rows };
    let can_count = !rows.contains(&Row::Instructions) || can_count();
    if !can_count {
        eprintln!("instructions are not counted: valgrind is not installed");
    }
    let mut tasks = Task::all(rows, threads, is_quick);
    tasks.retain(|task| can_count || task.row != Row::Instructions);
    tasks
}

impl Measure<'_> {
    /// Processes that are asked if all goes well.
    pub(crate) fn n_runs(&self, tasks: &[Task]) -> u64 {
        let runs = tasks.iter().map(|task| {
            let loops = usize::from(has_loop(*task));
            task.row.n_runs(self.reps) * self.entries.len() + loops
        });
        runs.sum::<usize>() as u64
    }

    /// The figures of each task; of an interrupted run those that are whole.
    pub(crate) fn run(&self, tasks: &[Task], log: &mut Log) {
        for (index, task) in tasks.iter().enumerate() {
            let names = self.entries.iter().map(|entry| entry.name);
            if log.wants((index, tasks.len()), &task.case(), names) {
                let Some(row) = self.row(*task) else {
                    return;
                };
                log.add(row);
            }
        }
    }

    fn row(&self, task: Task) -> Option<Vec<Measurement>> {
        let (case, metric) = (task.case(), task.row.metric());
        let mut outcomes = vec![Outcome::Samples(Vec::new()); self.entries.len()];
        let loop_time = match has_loop(task) {
            true => self.ask(allocators::find(EMPTY).as_ref()?, task).ok(),
            false => None,
        };
        for _ in 0..task.row.n_runs(self.reps) {
            for (entry, outcome) in self.entries.iter().zip(&mut outcomes) {
                if self.interrupted.load(Ordering::Relaxed) {
                    return None;
                }
                // One that failed would only do so again.
                let Outcome::Samples(figures) = outcome else {
                    continue;
                };
                match self.ask(entry, task) {
                    // What stops this process stops its child as well.
                    Err(_) if self.interrupted.load(Ordering::Relaxed) => return None,
                    Ok(figure) => figures.push(figure),
                    Err(why) => *outcome = why,
                }
            }
        }
        let each = self.entries.iter().zip(outcomes);
        let each = each.map(|(entry, outcome)| {
            measured(&of_process(entry), &case, metric, grown(task.row, outcome))
        });
        let of_loop = loop_time.map(|time| {
            let subject = Subject::new(LOOP, Role::Control, Family::Process, Linkage::Linked);
            measured(&subject, &case, metric, Outcome::one(time))
        });
        Some(each.chain(of_loop).collect())
    }

    /// The figure, or why there is none.
    fn ask(&self, entry: &Entry, task: Task) -> Result<f64, Outcome> {
        self.progress
            .set_message(format!("{} {}", task.case(), entry.name));
        let answer = ask(
            &Job::new(entry, Question::Global(task), task.time_limit()),
            task.time_limit(),
        );
        self.progress.inc(1);
        match answer {
            Ok(Answer::Global(figure)) => Ok(figure),
            Ok(_) => Err(Outcome::Stopped(
                "another question was answered".to_string(),
            )),
            Err(death) if task.row == Row::Instructions => Err(Outcome::Stopped(death.to_string())),
            Err(death) => Err(Outcome::Failed(death.to_string())),
        }
    }
}

/// An allocator as what a process runs on.
fn of_process(entry: &Entry) -> Subject {
    Subject {
        family: Family::Process,
        ..subject(entry)
    }
}

/// What an allocator held before cannot become resident: if it shows less than the row can grow by, that is no figure.
fn grown(row: Row, outcome: Outcome) -> Outcome {
    match outcome.median() {
        Some(median) if median < row.least() => Outcome::NotApplicable(format!(
            "{}: it held memory before",
            three_digits(median.max(0.0))
        )),
        _ => outcome,
    }
}

fn has_loop(task: Task) -> bool {
    let is_alone = task.n_threads == 1 && task.row.metric() == "time";
    is_alone && task.row != Row::ThreadChurn && !task.row.reads_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_was_held_before_is_no_growth() {
        let of = |row, figure| grown(row, Outcome::one(figure)).median();
        assert_eq!(of(Row::Classes, 140.0), Some(140.0));
        assert_eq!(of(Row::Classes, 0.0), None);
        assert_eq!(of(Row::Births, -776.0), None);
        assert_eq!(of(Row::Pair, 0.0), Some(0.0));
    }
}
