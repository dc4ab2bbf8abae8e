//! Points out of 100: for the contract, for memory, for speed.

use super::REFERENCE;
use crate::report::{Row, WorkloadReport};

/// The most points for each part.
pub(super) const CONTRACT: f64 = 50.0;
pub(super) const MEMORY: f64 = 30.0;
pub(super) const SPEED: f64 = 20.0;

/// What stands for speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speed {
    Time,
    Instructions,
}

impl Speed {
    /// The cost of an operation.
    pub(super) fn cost(self, row: &Row) -> Option<f64> {
        match self {
            Self::Time => row.time.map(|time| time.median),
            Self::Instructions => row.remarks.detail.counts?.instructions,
        }
    }

    /// What the cost is counted in.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Time => "ns",
            Self::Instructions => "instructions",
        }
    }
}

/// One allocator on one trace.
pub(super) struct Trace<'a> {
    pub(super) name: &'a str,
    row: Option<&'a Row>,
    reference: Option<&'a Row>,
    speed: Speed,
}

/// Density that earns nothing, and that earns everything, over the reference's.
const NO_MEMORY: f64 = 0.4;
const ALL_MEMORY: f64 = 0.98;

/// Cost that earns everything, and that earns nothing, over the reference's.
const ALL_SPEED: f64 = 1.5;
const NO_SPEED: f64 = 30.0;

impl<'a> Trace<'a> {
    /// The traces of a run, for `allocator`.
    pub(super) fn of(allocator: &str, reports: &'a [WorkloadReport], speed: Speed) -> Vec<Self> {
        let row = |report: &'a WorkloadReport, name: &str| {
            report.rows.iter().find(|row| row.allocator == name)
        };
        let traces = reports.iter().map(|report| Self {
            name: &report.name,
            row: row(report, allocator),
            reference: row(report, REFERENCE),
            speed,
        });
        traces.collect()
    }

    /// Peak live bytes over the bytes of heap that are needed.
    pub(super) fn utilisation(&self) -> Option<f64> {
        utilisation(self.row?)
    }

    pub(super) fn reference_utilisation(&self) -> Option<f64> {
        utilisation(self.reference?)
    }

    pub(super) fn cost(&self) -> Option<f64> {
        self.speed.cost(self.row?)
    }

    pub(super) fn reference_cost(&self) -> Option<f64> {
        self.speed.cost(self.reference?)
    }

    /// Why there is no figure.
    pub(super) fn trouble(&self) -> &str {
        let notes = self.row.map_or(&[][..], |row| &row.remarks.notes);
        notes.first().map_or("not measured", String::as_str)
    }

    /// The part of the points for memory, between 0 and 1. A trace that does not end earns none.
    pub(super) fn memory(&self) -> f64 {
        let over = self.utilisation().zip(self.reference_utilisation());
        over.map_or(0.0, |(own, reference)| {
            between(own / reference, NO_MEMORY, ALL_MEMORY)
        })
    }

    /// The part of the points for speed, between 0 and 1: each doubling costs the same.
    pub(super) fn speed(&self) -> f64 {
        let over = self.cost().zip(self.reference_cost());
        over.map_or(0.0, |(own, reference)| {
            let least = 1e-3;
            let over = own.max(least) / reference.max(least);
            between(-over.ln(), -NO_SPEED.ln(), -ALL_SPEED.ln())
        })
    }
}

fn utilisation(row: &Row) -> Option<f64> {
    row.footprint_ratio.map(|ratio| 1.0 / ratio)
}

fn between(value: f64, none: f64, all: f64) -> f64 {
    ((value - none) / (all - none)).clamp(0.0, 1.0)
}

/// The mean of what `part` of each trace is.
pub(super) fn mean<'a>(traces: &[Trace<'a>], part: impl Fn(&Trace<'a>) -> f64) -> f64 {
    let sum = traces.iter().fold(0.0, |sum, trace| sum + part(trace));
    sum / traces.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_as_good_as_the_reference_earns_everything_and_what_is_far_worse_nothing() {
        assert_eq!(between(1.0, NO_MEMORY, ALL_MEMORY), 1.0);
        assert_eq!(between(0.2, NO_MEMORY, ALL_MEMORY), 0.0);
        let half = between(0.69, NO_MEMORY, ALL_MEMORY);
        assert!((0.49..0.51).contains(&half), "{half}");
    }
}
