//! How allocators fared in tight heaps, as it is in the JSON.

use bench_results::grid::terminal;
use bench_results::pivot::Pivot;
use serde::{Deserialize, Serialize};

use super::TIGHTNESS;
use crate::report::records::{self, Records};

/// One workload in heaps of one length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tight {
    /// The workload's name.
    pub workload: String,
    /// CRC-32 of its operations: equal numbers, equal work.
    #[serde(default)]
    pub fingerprint: Option<u32>,
    /// Operations.
    #[serde(default)]
    pub n_ops: Option<usize>,
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
    /// Nanoseconds per operation of each process that completed.
    #[serde(default)]
    pub times: Vec<f64>,
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

impl Tight {
    /// What it is called: the workload and how long the heaps are.
    pub fn name(&self) -> String {
        format!("{} in {} × its peak", self.workload, self.over_peak)
    }

    /// The allocators that crashed or mixed up their blocks.
    pub fn failures(&self) -> impl Iterator<Item = &str> {
        let is_broken =
            |row: &&TightRow| matches!(row.end, TightEnd::Broken { .. }) && !row.is_peer;
        let broken = self.rows.iter().filter(is_broken);
        broken.map(|row| row.allocator.as_str())
    }
}

/// A table for each length: times by allocator and workload, how many workloads an allocator completes, and its
/// time over that of the fastest peer that does.
pub fn tables(all: &[Tight]) -> String {
    let table = |over_peak: f64| {
        let same = all.iter().filter(|tight| tight.over_peak == over_peak);
        let measured = records::of(&same.cloned().collect::<Vec<_>>(), Records::tight);
        let pivot = Pivot::new("ns/op", &measured, &["time"]).beside_best_peer("time");
        let table = terminal(&pivot.header, &pivot.lines);
        match measured.is_empty() {
            true => String::new(),
            false => format!("\nHeaps of {over_peak} times the peak of live bytes:\n{table}\n"),
        }
    };
    TIGHTNESS.map(table).concat()
}
