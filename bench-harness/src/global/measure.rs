//! Every allocator on every row, in rounds.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::ProgressBar;

use super::{Figures, Row, RowReport, Task, Unit};
use crate::allocators::{self, EMPTY, Entry, Role};
use crate::child::ask;
use crate::job::{Answer, Job, Question};
use crate::measure::callgrind::can_count;

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
    pub(crate) fn run(&self, tasks: &[Task]) -> Vec<RowReport> {
        tasks.iter().map_while(|task| self.row(*task)).collect()
    }

    fn row(&self, task: Task) -> Option<RowReport> {
        let mut figures: Vec<Figures> = self.entries.iter().map(none_yet).collect();
        let loop_ns = match has_loop(task) {
            true => self.ask(allocators::find(EMPTY).as_ref()?, task).ok(),
            false => None,
        };
        for _ in 0..task.row.n_runs(self.reps) {
            for (entry, figures) in self.entries.iter().zip(&mut figures) {
                if self.interrupted.load(Ordering::Relaxed) {
                    return None;
                }
                // One that failed would only do so again.
                if !figures.note.is_empty() {
                    continue;
                }
                match self.ask(entry, task) {
                    // What stops this process stops its child as well.
                    Err(_) if self.interrupted.load(Ordering::Relaxed) => return None,
                    Ok(value) => figures.values.push(value),
                    Err((note, broken)) => {
                        (figures.note, figures.broken) = (note, broken);
                        figures.values.clear();
                    }
                }
            }
        }
        Some(RowReport {
            label: task.label(),
            about: task.row.about(),
            task,
            unit: task.row.unit(),
            loop_ns,
            figures,
        })
    }

    /// The figure, or why there is none and whether that is the allocator's fault.
    fn ask(&self, entry: &Entry, task: Task) -> Result<f64, (String, bool)> {
        self.progress
            .set_message(format!("{} {}", task.label(), entry.name));
        let answer = ask(&job(entry, task), task.time_limit());
        self.progress.inc(1);
        match answer {
            Ok(Answer::Global(figure)) => Ok(figure),
            Ok(_) => Err(("another question was answered".to_string(), false)),
            Err(death) => Err((death.to_string(), task.row != Row::Instructions)),
        }
    }
}

fn has_loop(task: Task) -> bool {
    let is_alone = task.n_threads == 1 && task.row.unit() == Unit::Nanoseconds;
    is_alone && task.row != Row::ThreadChurn && !task.row.reads_back()
}

fn none_yet(entry: &Entry) -> Figures {
    Figures {
        allocator: entry.name.to_string(),
        is_stage: entry.role == Role::Stage,
        is_preloaded: entry.preload.is_some(),
        broken: false,
        values: Vec::new(),
        note: String::new(),
    }
}

fn job(entry: &Entry, task: Task) -> Job {
    Job {
        allocator: entry.name_in_child().to_string(),
        trace: PathBuf::new(),
        recipe: None,
        ops: None,
        n_warm_up: 0,
        question: Question::Global(task),
        limit_ms: task.time_limit().as_millis() as u64,
        preload: entry.preload.clone(),
        program: None,
    }
}
