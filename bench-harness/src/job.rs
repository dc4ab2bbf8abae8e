//! What a child process is asked for, what it answers, and how it finds out.
//!
//! A job goes to the child as one line of JSON on its command line, so that a crash can be looked
//! into by repeating the command; the answer is one line of JSON on its standard output.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use core_api::HeapStats;
use serde::{Deserialize, Serialize};

use crate::allocators::{self, Entry, Memory};
use crate::bisect::{Smallest, smallest};
use crate::closed_loop::{Challenge, Figure};
use crate::global::{self, Row, Task};
use crate::limits::patience;
use crate::measure::counts::counts;
use crate::measure::drain::drain;
use crate::measure::instructions::instructions;
use crate::measure::latency::latency;
use crate::measure::layout::layout;
use crate::measure::over_time::over_time;
use crate::memory::Room;
use crate::preload;
use crate::process::{Sample, page_faults};
use crate::replay::{Outcome, Slots, Stop};
use crate::report::{Counts, Detail};
use crate::script::Script;
use crate::threads::{self, Plan};
use crate::trace::Trace;
use crate::workloads::Recipe;

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
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Does it keep its promises?
    Verify,
    /// How much memory does it need?
    Footprint,
    /// How long does it take?
    Time,
    /// How long does each call take?
    Latency,
    /// How much memory is used when, and what for?
    Memory,
    /// How much is given back once everything is freed?
    Drain {
        /// Whether to wait five seconds instead of one.
        five_seconds: bool,
    },
    /// How many probes, splits, merges and system calls are there?
    Counts,
    /// How many instructions does an operation take? Asks valgrind.
    Instructions,
    /// Where do blocks lie?
    Layout {
        /// Operations to log.
        n_logged: usize,
    },
    /// How does it fare in a workload that reacts to it? No trace is needed.
    Challenge(Challenge),
    /// What comes out of a micro-benchmark? No trace is needed.
    Global(Task),
    /// What does the process hold before anything is replayed?
    Ground,
}

impl Question {
    /// Whether the answer is a matter of time, so that nothing else may run meanwhile.
    pub(crate) fn needs_quiet(self) -> bool {
        matches!(self, Self::Time | Self::Latency)
    }

    /// How long a child may take to answer if its replays are to end after `limit`.
    pub(crate) fn patience(self, limit: Duration) -> Duration {
        match self {
            Self::Drain { .. } => patience(limit) + Duration::from_secs(10),
            // Two replays, each some fifty times slower than others, and as slow a start.
            Self::Instructions => patience(limit) * 8,
            _ => patience(limit),
        }
    }
}

/// A child's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It kept its promises up to the outcome's last operation.
    Verified {
        /// In the roomy heap.
        outcome: Outcome,
        /// Arenas only: in the roomy heap of those that reuse memory.
        without_reuse: Option<Outcome>,
    },
    /// It broke one.
    Violated {
        /// Which, where, and when.
        what: String,
    },
    /// What it needs.
    Footprint(Footprint),
    /// What the challenge came to.
    Challenged(Figure),
    /// It was not asked: the workload has several threads, and no two may share it.
    NotShared,
    /// What came out of a micro-benchmark.
    Global(f64),
    /// What it takes on several threads.
    Threaded {
        /// Its nanoseconds are wall-clock time.
        outcome: Outcome,
        /// CPU time of all threads together.
        cpu_nanos: u64,
        /// Minor page faults.
        page_faults: u64,
    },
    /// What the process holds.
    Ground(Sample),
    /// What it takes.
    Timed {
        /// The last replay, with the time of all passes.
        outcome: Outcome,
        /// How many passes there were.
        passes: u32,
        /// Minor page faults in all of them.
        page_faults: u64,
    },
    /// What else was asked: the part of it that answers the question.
    Detail(Box<Detail>),
}

/// Memory that an allocator needs for a workload, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Footprint {
    /// Smallest heap and the allocator's state, or peak RSS beyond an empty run; `None` if it was
    /// not found in the time given.
    pub bytes: Option<usize>,
    /// Time ran out before the search was done: less may be enough.
    pub is_upper_bound: bool,
    /// The most writable mappings beyond an empty run, for those that ask the OS.
    pub mapped: Option<usize>,
    /// 1 − requested / bytes of used blocks (headers included), at that step, in that heap.
    pub internal: Option<f64>,
    /// 1 − largest free block / free bytes, at that step, in that heap.
    pub external: Option<f64>,
}

impl Job {
    /// Answers in this process.
    ///
    /// # Errors
    ///
    /// An unknown allocator, a trace that cannot be read, or a library that is not loaded.
    pub fn answer(&self) -> Result<Answer> {
        if let Some(library) = &self.preload {
            preload::ensure_loaded(library)?;
        }
        let entry = allocators::find(&self.allocator).context("no such allocator")?;
        let limit = Duration::from_millis(self.limit_ms);
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
            Question::Time => time(&entry, &self.script()?, limit),
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
        if trace.columns.threads.is_empty() {
            return Ok(None);
        }
        let locked = threads::find(entry.name);
        let Some(subject) = entry.shared.as_deref().or(locked.as_deref()) else {
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
        let found = threads::find(entry.name);
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

const DO_NOT_ADD_UP: &str = "the bytes read back do not add up";

fn violated(what: impl ToString) -> Answer {
    Answer::Violated {
        what: what.to_string(),
    }
}

fn verify_shared(
    subject: &dyn threads::SharedSubject,
    room: &mut Room,
    plan: &Plan,
    limit: Duration,
) -> Answer {
    match subject.verify(room, plan, limit) {
        Err(violation) => violated(violation),
        Ok(outcome) if outcome.stop.is_none() && outcome.checksum != plan.checksum => {
            violated(DO_NOT_ADD_UP)
        }
        Ok(outcome) => Answer::Verified {
            outcome,
            without_reuse: None,
        },
    }
}

fn time_shared(
    subject: &dyn threads::SharedSubject,
    room: &mut Room,
    plan: &Plan,
    limit: Duration,
) -> Answer {
    let before = page_faults();
    let played = subject.time(room, plan, limit);
    if played.outcome.stop.is_none() && played.outcome.checksum != plan.checksum {
        return violated(DO_NOT_ADD_UP);
    }
    Answer::Threaded {
        outcome: played.outcome,
        cpu_nanos: played.cpu_nanos,
        page_faults: page_faults() - before,
    }
}

fn detail(detail: Detail) -> Answer {
    Answer::Detail(Box::new(detail))
}

fn verify(entry: &Entry, script: &Script, limit: Duration) -> Answer {
    let mut room = Room::new(entry.room_len(script));
    let outcome = match entry.subject.verify(&mut room, script, limit) {
        Ok(outcome) => outcome,
        Err(violation) => return violated(violation),
    };
    if outcome.stop.is_none() && outcome.checksum != script.checksum {
        return violated(DO_NOT_ADD_UP);
    }
    let without_reuse = (entry.memory == Memory::Arena).then(|| {
        room.resize(script.roomy());
        entry.subject.time(&mut room, script, 1, limit).outcome
    });
    Answer::Verified {
        outcome,
        without_reuse,
    }
}

/// Replays shorter than this are repeated until they are as long together: a cold start would be
/// most of what is measured.
const SHORTEST: usize = 100_000;

fn time(entry: &Entry, script: &Script, limit: Duration) -> Answer {
    let passes = SHORTEST.div_ceil(script.steps.len()).clamp(1, 64);
    let mut room = Room::new(entry.room_len(script));
    let timed = entry.subject.time(&mut room, script, passes as u32, limit);
    if timed.outcome.stop.is_none() && timed.outcome.checksum != script.checksum {
        let what = "the bytes read back in the timed replay do not add up".to_string();
        return Answer::Violated { what };
    }
    Answer::Timed {
        outcome: timed.outcome,
        passes: timed.passes,
        page_faults: timed.page_faults,
    }
}

fn footprint(entry: &Entry, script: &Script, limit: Duration, ground: Option<Sample>) -> Footprint {
    match entry.memory {
        Memory::System => resident(entry, script, limit, ground),
        Memory::Fixed | Memory::Arena => smallest_heap(entry, script, limit),
    }
}

fn resident(entry: &Entry, script: &Script, limit: Duration, ground: Option<Sample>) -> Footprint {
    let mut room = Room::new(0);
    let (resident, stop) = entry.subject.resident(&mut room, script, limit);
    let resident = ground.map_or(resident, |ground| resident.above(ground));
    let footprint = Footprint {
        bytes: stop.is_none().then_some(resident.peak_rss()),
        mapped: Some(resident.mapped()),
        ..Footprint::default()
    };
    footprint.with_fragmentation(entry, script, &mut room, limit)
}

fn smallest_heap(entry: &Entry, script: &Script, limit: Duration) -> Footprint {
    let mut room = Room::new(entry.room_len(script));
    room.region();
    let deadline = Instant::now() + limit;
    let found = smallest(script.peak_live, room.len(), |len| {
        room.resize(len);
        let left = deadline.checked_duration_since(Instant::now())?;
        let outcome = entry.subject.time(&mut room, script, 1, left).outcome;
        (outcome.stop != Some(Stop::TimeLimit)).then_some(outcome.stop.is_none())
    });
    let (heap_len, is_upper_bound) = match found {
        Smallest::Found(len) => (len, false),
        Smallest::AtMost(len) => (len, true),
        Smallest::None => return Footprint::default(),
    };
    room.resize(heap_len);
    let footprint = Footprint {
        bytes: Some(heap_len + entry.subject.state_len()),
        is_upper_bound,
        ..Footprint::default()
    };
    footprint.with_fragmentation(entry, script, &mut room, limit)
}

impl Footprint {
    fn with_fragmentation(
        self,
        entry: &Entry,
        script: &Script,
        room: &mut Room,
        limit: Duration,
    ) -> Self {
        let Some(stats) = entry.subject.stats_at_peak(room, script, limit) else {
            return self;
        };
        Self {
            internal: Some(internal(&stats, script.peak_live)),
            external: Some(stats.external_fragmentation()),
            ..self
        }
    }
}

/// 1 − requested / bytes of used blocks. Headers, pads and sentinels count with the blocks.
fn internal(stats: &HeapStats, requested: usize) -> f64 {
    let blocks = stats.used + stats.overhead;
    1.0 - requested as f64 / blocks.max(1) as f64
}
