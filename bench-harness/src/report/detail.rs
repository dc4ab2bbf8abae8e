//! What is measured of a row beside its time and its footprint: tails, memory over time, counts.
//!
//! Each comes from a replay of its own, so that no instrument is in a timed run.

use serde::{Deserialize, Serialize};

/// Everything that was measured of one allocator on one workload beside time and footprint.
///
/// What was not asked for, or cannot be seen from outside, is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// Service times, by kind of call and class of sizes.
    pub latency: Vec<Latency>,
    /// The smallest difference in nanoseconds that the clock of the latencies can show.
    pub clock_grain: Option<f64>,
    /// Memory over the run.
    pub memory: Option<MemoryOverTime>,
    /// Resident memory after everything is freed.
    pub drain: Option<Drain>,
    /// What can be counted.
    pub counts: Option<Counts>,
    /// Where each block lay.
    pub layout: Option<HeapLog>,
}

impl Detail {
    /// Takes over what `other` has; each question is answered once.
    pub(crate) fn add(&mut self, other: Self) {
        self.latency.extend(other.latency);
        self.clock_grain = self.clock_grain.or(other.clock_grain);
        self.memory = self.memory.take().or(other.memory);
        self.drain = self.drain.or(other.drain);
        self.layout = self.layout.take().or(other.layout);
        self.counts = match (self.counts, other.counts) {
            (Some(ours), Some(theirs)) => Some(ours.or(theirs)),
            (ours, theirs) => ours.or(theirs),
        };
    }
}

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `allocate` and `allocate_zeroed`.
    Allocate,
    /// `grow` and `shrink`.
    Resize,
    /// `deallocate`.
    Free,
}

/// Service times of one kind of call on blocks of one class of sizes, in nanoseconds.
///
/// The clock's own cost is subtracted. A replay calls as soon as the last call is done, so these are
/// times of service: there is no queue, and nothing here is a latency under load. A call's time is
/// the mean over several replays without the slowest, so that what the machine did meanwhile is left
/// out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// The kind of call.
    pub kind: Kind,
    /// Sizes up to this many bytes, and above the class before; `None` is all sizes together.
    pub size_up_to: Option<usize>,
    /// How many calls.
    pub n: u64,
    /// The median.
    pub p50: f64,
    /// Of ten calls, nine took at most this.
    pub p90: f64,
    /// Of a hundred, 99.
    pub p99: f64,
    /// Of a thousand, 999.
    pub p99_9: f64,
    /// Of ten thousand, 9,999.
    pub p99_99: f64,
    /// The slowest.
    pub max: f64,
}

/// So many calls lie beyond a percentile that is shown. Beyond fewer it is the luck of single calls.
pub const BEYOND: u64 = 10;

/// A percentile of service times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Percentile {
    /// The median.
    P50,
    /// One call of ten lies beyond.
    P90,
    /// One of a hundred.
    P99,
    /// One of a thousand.
    P99_9,
    /// One of ten thousand.
    P99_99,
}

impl Percentile {
    /// The number of calls of which one lies beyond.
    const fn one_in(self) -> u64 {
        match self {
            Self::P50 => 2,
            Self::P90 => 10,
            Self::P99 => 100,
            Self::P99_9 => 1_000,
            Self::P99_99 => 10_000,
        }
    }
}

impl Latency {
    /// The time at `percentile`; `None` if fewer than [`BEYOND`] calls lie beyond it.
    pub fn at(&self, percentile: Percentile) -> Option<f64> {
        let time = match percentile {
            Percentile::P50 => self.p50,
            Percentile::P90 => self.p90,
            Percentile::P99 => self.p99,
            Percentile::P99_9 => self.p99_9,
            Percentile::P99_99 => self.p99_99,
        };
        (self.n / percentile.one_in() >= BEYOND).then_some(time)
    }
}

/// Memory over a run, and the four ratios of footprint to live bytes (Johnstone and Wilson, "The
/// Memory Fragmentation Problem: Solved?", ISMM 1998).
///
/// The ratios of a fixed heap are of every operation; those of memory from the OS are of the
/// moments, and of resident bytes, since a mapping costs nothing before it is touched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemoryOverTime {
    /// Samples in the order of operations.
    pub moments: Vec<Moment>,
    /// Footprint over live bytes, the average over the run weighted by live bytes: when next to
    /// nothing is live the plain ratio has no bound.
    pub f1: f64,
    /// The same at the peak of live bytes.
    pub f2: f64,
    /// The same at the peak of the footprint.
    pub f3: f64,
    /// Peak footprint over peak live bytes.
    pub f4: f64,
}

/// One sample of memory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Operations done.
    pub op: usize,
    /// Bytes requested and not yet freed.
    pub live: usize,
    /// Bytes of the pages of its heap in which blocks have lain so far and of the allocator's own
    /// state; where memory is the OS's, [`resident`](Self::resident).
    pub footprint: usize,
    /// Resident bytes of the process beyond those before the run, where memory is the OS's. Reports
    /// of earlier versions have mapped bytes in [`footprint`](Self::footprint), and these beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<usize>,
    /// What used blocks hold beside what was asked for; from the heap walk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waste: Option<Waste>,
    /// 1 − largest free block / free bytes; from the heap walk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<f64>,
}

/// Bytes of used blocks that nobody asked for, by their reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waste {
    /// Headers and whatever else the allocator writes beside payloads.
    pub header: usize,
    /// Padding for alignment.
    pub padding: usize,
    /// Sizes rounded up to the granule or the class.
    pub rounding: usize,
    /// What is left of a hole that was not worth a split.
    pub slack: usize,
}

/// Resident bytes beyond those before the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drain {
    /// With everything still live.
    pub before: usize,
    /// As soon as everything is freed.
    pub at_once: usize,
    /// 100 milliseconds later, with an allocation and a free of 64 bytes each 10 milliseconds.
    pub after_100ms: usize,
    /// A second later.
    pub after_1s: usize,
    /// Five seconds later; `None` if nobody waited for it.
    pub after_5s: Option<usize>,
}

/// What can be counted exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Instructions per operation under callgrind, the harness's subtracted.
    pub instructions: Option<f64>,
    /// System calls of the run.
    pub system_calls: Option<u64>,
    /// Free blocks looked at per allocation.
    pub probes: Option<f64>,
    /// Blocks that were split, per operation.
    pub splits: Option<f64>,
    /// Neighbours that were merged, per operation.
    pub merges: Option<f64>,
}

impl Counts {
    fn or(self, other: Self) -> Self {
        Self {
            instructions: self.instructions.or(other.instructions),
            system_calls: self.system_calls.or(other.system_calls),
            probes: self.probes.or(other.probes),
            splits: self.splits.or(other.splits),
            merges: self.merges.or(other.merges),
        }
    }
}

/// Where the blocks of the first operations lay, so that a reader can rebuild the heap at any of
/// them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeapLog {
    /// Bytes of the heap shown: from its start to the end of the last block, or of all
    /// [`ranges`](Self::ranges).
    pub heap: usize,
    /// The offset at which each range of addresses begins: one for a heap in one piece. Others lie
    /// anywhere, in the order of their addresses; what no block touched between them is left out.
    #[serde(default)]
    pub ranges: Vec<usize>,
    /// Operations logged.
    pub n_ops: usize,
    /// Address over time, [`rows`](Self::rows) × [`columns`](Self::columns) bytes in base64, row by
    /// row from the lowest address: how much of the cell is in used blocks, from 0 to 255. Over the
    /// whole workload.
    pub heat: String,
    /// Rows of the map: addresses.
    pub rows: usize,
    /// Columns of the map: operations.
    pub columns: usize,
    /// The log, deflated (RFC 1951, without a header), in base64; empty if only the map was made. Per operation, as unsigned
    /// LEB128 numbers: `slot << 1`, the block's offset, its size (an allocated or resized block);
    /// or `slot << 1 | 1` (a freed one).
    pub log: String,
}
