//! How allocators fared in tight heaps, as it is in the JSON.

use serde::{Deserialize, Serialize};

use crate::report::units::nanos;

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

impl TightRow {
    /// Nanoseconds per operation, if it completes.
    pub(super) fn ns(&self) -> Option<f64> {
        match self.end {
            TightEnd::Completes { ns } => Some(ns),
            _ => None,
        }
    }

    /// The cell of a table.
    pub(super) fn cell(&self) -> String {
        match &self.end {
            TightEnd::Completes { ns } => nanos(*ns),
            TightEnd::OutOfMemory { .. } => "fails".to_string(),
            TightEnd::TooSlow => "too slow".to_string(),
            TightEnd::Broken { .. } => "broken".to_string(),
        }
    }
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

    /// The row of `allocator`.
    pub(super) fn row(&self, allocator: &str) -> Option<&TightRow> {
        self.rows.iter().find(|row| row.allocator == allocator)
    }

    /// The time of the fastest allocator by others that completes.
    fn fastest_peer(&self) -> Option<f64> {
        let peers = self.rows.iter().filter(|row| row.is_peer);
        peers.filter_map(TightRow::ns).reduce(f64::min)
    }

    /// The time of `allocator` over that of the fastest peer, if both complete.
    pub(super) fn over_fastest(&self, allocator: &str) -> Option<f64> {
        Some(self.row(allocator)?.ns()? / self.fastest_peer()?)
    }
}
