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
use crate::limits::patience;
use crate::measure::counts::counts;
use crate::measure::drain::drain;
use crate::measure::instructions::instructions;
use crate::measure::latency::latency;
use crate::measure::layout::layout;
use crate::measure::over_time::over_time;
use crate::memory::Room;
use crate::replay::{Outcome, Stop};
use crate::report::{Counts, Detail};
use crate::script::Script;
use crate::trace::Trace;

/// One question to one allocator about one workload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The allocator's name.
    pub allocator: String,
    /// File of the workload's trace.
    pub trace: PathBuf,
    /// Operations of the trace to replay; all of them if `None`.
    pub ops: Option<usize>,
    /// Operations at the start that are not timed.
    pub n_warm_up: usize,
    /// The question.
    pub question: Question,
    /// Time for each replay, or for all of them together in a search.
    pub limit_ms: u64,
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
    /// An unknown allocator or a trace that cannot be read.
    pub fn answer(&self) -> Result<Answer> {
        let entry = allocators::find(&self.allocator).context("no such allocator")?;
        let trace = Trace::load(&self.trace)?;
        let script = Script::new(&trace, self.ops)?.with_warm_up(self.n_warm_up);
        let limit = Duration::from_millis(self.limit_ms);
        Ok(match self.question {
            Question::Verify => verify(&entry, &script, limit),
            Question::Footprint => Answer::Footprint(footprint(&entry, &script, limit)),
            Question::Time => time(&entry, &script, limit),
            Question::Latency => detail(latency(&entry, &script, limit)?),
            Question::Drain { five_seconds } => detail(Detail {
                drain: drain(&entry, &script, five_seconds, limit),
                ..Detail::default()
            }),
            Question::Counts => detail(Detail {
                counts: Some(counts(&entry, &script, limit)),
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
                layout: layout(&entry, &script, n_logged, limit),
                ..Detail::default()
            }),
            Question::Memory => detail(Detail {
                memory: over_time(&entry, &script, limit),
                ..Detail::default()
            }),
        })
    }
}

fn detail(detail: Detail) -> Answer {
    Answer::Detail(Box::new(detail))
}

fn verify(entry: &Entry, script: &Script, limit: Duration) -> Answer {
    let mut room = Room::new(entry.room_len(script));
    let outcome = match entry.subject.verify(&mut room, script, limit) {
        Ok(outcome) => outcome,
        Err(violation) => {
            let what = violation.to_string();
            return Answer::Violated { what };
        }
    };
    if outcome.stop.is_none() && outcome.checksum != script.checksum {
        let what = "the bytes read back do not add up".to_string();
        return Answer::Violated { what };
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

fn footprint(entry: &Entry, script: &Script, limit: Duration) -> Footprint {
    match entry.memory {
        Memory::System => resident(entry, script, limit),
        Memory::Fixed | Memory::Arena => smallest_heap(entry, script, limit),
    }
}

fn resident(entry: &Entry, script: &Script, limit: Duration) -> Footprint {
    let mut room = Room::new(0);
    let (resident, stop) = entry.subject.resident(&mut room, script, limit);
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
