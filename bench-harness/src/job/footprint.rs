//! How much memory an allocator needs for a workload.

use std::time::{Duration, Instant};

use core_api::HeapStats;
use serde::{Deserialize, Serialize};

use crate::allocators::{Entry, Memory};
use crate::bisect::{Smallest, smallest};
use crate::memory::Room;
use crate::process::Sample;
use crate::replay::Stop;
use crate::script::Script;

/// Memory that an allocator needs for a workload, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Footprint {
    /// Smallest heap and the allocator's state, or peak RSS beyond an empty run; `None` if it was
    /// not found in the time given.
    pub bytes: Option<usize>,
    /// Time ran out before the search was done: less may be enough.
    pub is_upper_bound: bool,
    /// 1 − requested / bytes of used blocks (headers included), at that step, in that heap.
    pub internal: Option<f64>,
    /// 1 − largest free block / free bytes, at that step, in that heap.
    pub external: Option<f64>,
}

/// The smallest heap in which the script completes, or what the process holds at most above `ground`.
pub(super) fn footprint(
    entry: &Entry,
    script: &Script,
    limit: Duration,
    ground: Option<Sample>,
) -> Footprint {
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
