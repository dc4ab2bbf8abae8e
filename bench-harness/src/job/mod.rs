//! What a child process is asked for, what it answers, and how it finds out.
//!
//! A job goes to the child as one line of JSON on its command line, so that a crash can be looked
//! into by repeating the command; the answer is one line of JSON on its standard output.

mod answer;
mod footprint;
mod programs;
mod promise;
mod question;
mod replays;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::allocators::{self, EMPTY, Entry};
use crate::closed_loop::Figure;
use crate::explain::explained;
use crate::global::{self, Row, Task};
use crate::measure::counts::counts;
use crate::measure::drain::drain;
use crate::measure::instructions::instructions;
use crate::measure::latency::latency;
use crate::measure::layout::layout;
use crate::measure::over_time::over_time;
use crate::memory::Room;
use crate::preload;
use crate::process::Sample;
use crate::replay::Slots;
use crate::report::{Counts, Detail};
use crate::script::Script;
use crate::threads::{self, Plan, SharedSubject};
use crate::trace::Trace;
use crate::workloads::Recipe;

pub use answer::Answer;
pub use footprint::Footprint;
use footprint::footprint;
pub(crate) use programs::random as random_program;
pub use promise::Broken;
pub use question::Question;
use replays::{time, time_shared, verify, verify_shared};

/// One question to one allocator about one workload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The allocator's name.
    pub allocator: String,
    /// File of the workload's trace.
    pub trace: PathBuf,
    /// What the trace is made by instead, if it is not in a file.
    #[serde(default)]
    pub recipe: Option<Recipe>,
    /// Operations of the trace to replay; all of them if `None`.
    pub ops: Option<usize>,
    /// Operations at the start that are not timed.
    pub n_warm_up: usize,
    /// The question.
    pub question: Question,
    /// Time for each replay, or for all of them together in a search.
    pub limit_ms: u64,
    /// The library that the child is started with, whose `malloc` is libc's to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preload: Option<PathBuf>,
    /// Who asked for each block of the trace, for [`Question::Explain`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stacks: Option<PathBuf>,
    /// The program of [`Question::Program`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
}

impl Job {
    /// A question that needs neither a trace nor an allocator of the table.
    pub(crate) fn asking(question: Question) -> Self {
        Self {
            allocator: String::new(),
            trace: PathBuf::new(),
            recipe: None,
            ops: None,
            n_warm_up: 0,
            question,
            limit_ms: 0,
            preload: None,
            stacks: None,
            program: None,
        }
    }

    /// A question to `entry` whose replays are to end after `limit`; without a trace.
    pub(crate) fn new(entry: &Entry, question: Question, limit: Duration) -> Self {
        Self {
            allocator: entry.name_in_child().to_string(),
            limit_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
            preload: entry.preload.clone(),
            ..Self::asking(question)
        }
    }

    /// Answers in this process.
    ///
    /// # Errors
    ///
    /// An unknown allocator, a trace that cannot be read, or a library that is not loaded.
    pub fn answer(&self) -> Result<Answer> {
        if let Question::Arena(pass) = self.question {
            return Ok(Answer::Arena(pass.run()));
        }
        if let Some(library) = &self.preload {
            preload::ensure_loaded(library)?;
        }
        let entry = allocators::find(&self.allocator).context("no such allocator")?;
        let limit = Duration::from_millis(self.limit_ms);
        if let Question::Promise { scenario, cases } = self.question {
            let broken = promise::broken(&entry, scenario, cases, limit)?;
            return Ok(Answer::Promise(broken));
        }
        if let Some(program) = &self.program {
            return Ok(Answer::Promise(programs::play(&entry, program, limit)?));
        }
        if let Question::Programs { n } = self.question {
            programs::play_random(&entry, n, limit);
            return Ok(Answer::Promise(None));
        }
        if let Some(answer) = self.answer_on_threads(&entry, limit)? {
            return Ok(answer);
        }
        Ok(match self.question {
            Question::Verify => verify(&entry, &self.script()?, limit),
            Question::Footprint => {
                let ground = preload::ground(self)?;
                Answer::Footprint(footprint(&entry, &self.script()?, limit, ground))
            }
            Question::Ground => {
                let _slots = Slots::new(&self.script()?);
                Answer::Ground(Sample::take())
            }
            Question::Time => {
                let script = self.script()?;
                time(&entry, &script, entry.room_len(&script), limit)
            }
            Question::TimeIn { heap_len } => time(&entry, &self.script()?, heap_len, limit),
            Question::Latency => detail(latency(&entry, &self.script()?, limit)?),
            Question::Drain { five_seconds } => detail(Detail {
                drain: drain(&entry, &self.script()?, five_seconds, limit),
                ..Detail::default()
            }),
            Question::Counts => detail(Detail {
                counts: Some(counts(&entry, &self.script()?, limit)),
                ..Detail::default()
            }),
            Question::Instructions => detail(Detail {
                counts: Some(Counts {
                    instructions: instructions(self)?,
                    ..Counts::default()
                }),
                ..Detail::default()
            }),
            Question::Layout { n_logged } => detail(Detail {
                layout: layout(&entry, &self.script()?, n_logged, limit),
                ..Detail::default()
            }),
            Question::Memory => detail(Detail {
                memory: over_time(&entry, &self.script()?, limit),
                ..Detail::default()
            }),
            Question::Explain { n_moments } => {
                let (script, stacks) = (self.script()?, self.stacks.as_deref());
                Answer::Explained(explained(&entry, &script, stacks, n_moments, limit)?)
            }
            Question::Program => anyhow::bail!("the job has no program"),
            Question::Arena(_) | Question::Promise { .. } | Question::Programs { .. } => {
                unreachable!("answered above")
            }
            Question::Global(task) => self.global(&entry, task)?,
            Question::Challenge(challenge) => {
                let figure = entry.subject.challenge(challenge, limit);
                Answer::Challenged(figure.unwrap_or(Figure::Unknown))
            }
        })
    }

    /// The answer of several threads, if the trace has them and the question is for them. A footprint
    /// is that of the calls in the order of the record, on one thread.
    fn answer_on_threads(&self, entry: &Entry, limit: Duration) -> Result<Option<Answer>> {
        let is_verify = match self.question {
            Question::Verify => true,
            Question::Time => false,
            _ => return Ok(None),
        };
        let trace = self.load()?;
        if !trace.is_threaded(self.ops) {
            return Ok(None);
        }
        let found = threads::find(entry.name);
        let own: Option<&dyn SharedSubject> = entry.shared.as_deref().map(|own| own as _);
        let subject = own.or(found.as_deref());
        let Some(subject) = subject.filter(|_| entry.name != EMPTY) else {
            return Ok(Some(Answer::NotShared));
        };
        let plan = Plan::new(&trace, self.ops)?;
        let mut room = Room::new(entry.room_len(&self.script()?));
        Ok(Some(if is_verify {
            verify_shared(subject, &mut room, &plan, limit)
        } else {
            time_shared(subject, &mut room, &plan, limit)
        }))
    }

    fn global(&self, entry: &Entry, task: Task) -> Result<Answer> {
        if task.row == Row::Instructions {
            return Ok(Answer::Global(global::instructions(self)?));
        }
        let found = threads::global(entry.name);
        let shared = entry.shared.as_deref().or(found.as_deref());
        let subject = shared.context("threads cannot share it")?;
        let mut room = Room::new(global::LONGEST);
        Ok(Answer::Global(subject.figure(&mut room, task)))
    }

    fn load(&self) -> Result<Trace> {
        match &self.recipe {
            Some(recipe) => recipe.trace().context("no such workload"),
            None => Ok(Trace::load(&self.trace)?),
        }
    }

    fn script(&self) -> Result<Script> {
        let trace = self.load()?;
        Ok(Script::new(&trace, self.ops)?.with_warm_up(self.n_warm_up))
    }
}

fn detail(detail: Detail) -> Answer {
    Answer::Detail(Box::new(detail))
}
