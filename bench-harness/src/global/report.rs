//! The figures of a row, as they are in the JSON.

use serde::{Deserialize, Serialize};

use super::{Task, Unit};
use bench_results::stats::median;

/// All allocators on one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowReport {
    /// What it is called, with the number of threads where there may be several.
    pub label: String,
    /// What it is.
    pub about: String,
    /// What was asked.
    pub task: Task,
    /// The unit of all figures.
    pub unit: Unit,
    /// What the loop takes beside the allocator; it is part of every time. On one thread only.
    pub loop_ns: Option<f64>,
    /// One for each allocator.
    pub figures: Vec<Figures>,
}

/// One allocator on one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The allocator's name.
    pub allocator: String,
    /// It is a stage of this workspace.
    pub is_stage: bool,
    /// It is a library that was preloaded, called through `malloc` and its family.
    pub is_preloaded: bool,
    /// It crashed or hung.
    pub broken: bool,
    /// One for each process, in the order of the rounds.
    pub values: Vec<f64>,
    /// Why there are no more.
    pub note: String,
}

impl Figures {
    /// The median; `None` if there is no value.
    pub fn median(&self) -> Option<f64> {
        median(&self.values)
    }
}
