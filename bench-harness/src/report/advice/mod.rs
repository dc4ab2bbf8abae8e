//! The answer of a run: for each need, the allocator to take, in one sentence with its figures.
//!
//! Time and memory weigh alike: the pick is the allocator with the smallest product of the two. An
//! allocator that is a tenth faster, or a tenth smaller, than the pick is named beside it. A libc that
//! nothing beats beyond noise is kept.

mod contenders;
mod ranking;
mod ratio;
mod sentence;

pub use ratio::Ratio;

use serde::Serialize;

use super::WorkloadReport;
use crate::allocators::Need;
use contenders::Contenders;
use ranking::Ranking;

/// Which allocator a run speaks for, for one need.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Advice {
    /// The need.
    pub category: Need,
    /// The answer in words.
    pub sentence: String,
    /// The allocator to take, which may be libc; `None` if no allocator has all figures.
    pub pick: Option<Figures>,
    /// Allocators that are as good as the pick, as far as this run can tell.
    pub too_close: Vec<Figures>,
    /// The fastest, if it takes nine tenths of the pick's time or less.
    pub faster: Option<Figures>,
    /// The smallest, if it needs nine tenths of the pick's memory or less.
    pub smaller: Option<Figures>,
    /// Allocators that lack a figure on a workload that others completed.
    pub left_out: Vec<String>,
    /// Workloads that are compared.
    pub n_workloads: usize,
    /// Operations of them together.
    pub n_ops: usize,
}

/// What an allocator takes: geometric means over the workloads.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// The allocator's name.
    pub allocator: String,
    /// Nanoseconds per operation.
    pub ns: f64,
    /// The time over libc's; `None` if libc has none on one of the workloads.
    pub time: Option<Ratio>,
    /// Footprint over peak live bytes.
    pub footprint_ratio: f64,
    /// A footprint among them is an upper bound.
    pub is_upper_bound: bool,
    /// The resident memory over libc's; `None` of memory that is not the system's.
    pub resident: Option<Ratio>,
}

/// The answer for each need that an allocator beside libc was measured for.
pub(super) fn of(workloads: &[WorkloadReport]) -> Vec<Advice> {
    let needs = [Need::Process, Need::Fixed, Need::Arena];
    needs
        .into_iter()
        .filter_map(|need| {
            let contenders = Contenders::new(need, workloads)?;
            let ranking = Ranking::of(&contenders);
            Some(advice(&contenders, ranking))
        })
        .collect()
}

/// The sentences, a line each; empty if there are none.
pub(crate) fn lines(answers: &[Advice]) -> String {
    let lines = answers
        .iter()
        .map(|advice| format!("{}\n", advice.sentence));
    lines.collect()
}

fn advice(contenders: &Contenders<'_>, ranking: Ranking<'_>) -> Advice {
    let figures = |contender: Option<_>| contender.map(|contender| contenders.figures(contender));
    Advice {
        category: contenders.need,
        sentence: sentence::of(contenders, &ranking),
        pick: figures(ranking.pick),
        too_close: ranking
            .too_close
            .iter()
            .map(|contender| contenders.figures(contender))
            .collect(),
        faster: figures(ranking.faster),
        smaller: figures(ranking.smaller),
        left_out: contenders
            .left_out
            .iter()
            .map(ToString::to_string)
            .collect(),
        n_workloads: contenders.workloads.len(),
        n_ops: contenders.n_ops(),
    }
}

#[cfg(test)]
mod tests;
