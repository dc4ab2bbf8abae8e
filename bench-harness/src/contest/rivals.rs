//! One allocator against others, in one figure over several workloads.

use crate::report::{Row, WorkloadReport};

/// A figure of a row, the less the better.
pub(super) type Figure = fn(&Row) -> Option<f64>;

/// Nanoseconds per operation.
pub(super) fn time(row: &Row) -> Option<f64> {
    row.time.map(|time| time.median)
}

/// Footprint over peak live bytes, if the search for it came to its end.
pub(super) fn footprint(row: &Row) -> Option<f64> {
    row.footprint_ratio
        .filter(|_| !row.footprint.is_upper_bound)
}

/// Instructions per operation.
pub(super) fn instructions(row: &Row) -> Option<f64> {
    row.detail.counts?.instructions
}

/// What is compared, whose it is, and with whom.
#[derive(Clone, Copy)]
pub(super) struct Rivals<'a> {
    pub(super) workloads: &'a [WorkloadReport],
    /// The allocator that the contest is about.
    pub(super) ours: &'a str,
    /// Whether a row is one of those that it is compared with.
    pub(super) is_rival: fn(&Row) -> bool,
    pub(super) figure: Figure,
}

/// How our figure compares with another's.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Comparison {
    /// The other allocator.
    pub(super) other: String,
    /// Our figure over the other's.
    pub(super) ratio: f64,
}

impl Rivals<'_> {
    /// Our figure over that of the best of the others on `workload`.
    pub(super) fn on(&self, workload: &WorkloadReport) -> Option<Comparison> {
        let ours = self.figure_of(self.ours, workload)?;
        let others = workload.rows.iter().filter(|row| self.competes(row));
        let others = others.filter_map(|row| Some((&row.allocator, (self.figure)(row)?)));
        let (other, best) = others.min_by(|(_, a), (_, b)| a.total_cmp(b))?;
        Some(Comparison {
            other: other.clone(),
            ratio: (best > 0.0).then_some(ours / best)?,
        })
    }

    /// Our figure over that of `other` on each workload on which both have one.
    pub(super) fn over(&self, other: &str) -> Vec<f64> {
        let ratio = |workload| {
            let other = self.figure_of(other, workload)?;
            Some(self.figure_of(self.ours, workload)? / other).filter(|ratio| ratio.is_finite())
        };
        self.workloads.iter().filter_map(ratio).collect()
    }

    fn competes(&self, row: &Row) -> bool {
        row.allocator != self.ours && (self.is_rival)(row)
    }

    fn figure_of(&self, name: &str, workload: &WorkloadReport) -> Option<f64> {
        let row = workload.rows.iter().find(|row| row.allocator == name)?;
        (self.figure)(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{row, workload};

    /// `talc` is faster on one workload and slower on the other; `libc` completes one only.
    fn two() -> [WorkloadReport; 2] {
        let rows = |ours, talc| vec![row("coalescing", &[ours], 600), row("talc", &[talc], 700)];
        let mut two = [workload("a", rows(4.0, 8.0)), workload("b", rows(6.0, 3.0))];
        two[0].rows.push(row("libc", &[1.0], 500));
        two
    }

    fn rivals(workloads: &[WorkloadReport], figure: Figure) -> Rivals<'_> {
        Rivals {
            workloads,
            ours: "coalescing",
            is_rival: |row| !row.is_stage,
            figure,
        }
    }

    #[test]
    fn the_best_of_the_others_is_found_on_each_workload() {
        let two = two();
        let rivals = rivals(&two, time);
        assert_eq!(rivals.on(&two[1]).unwrap().ratio, 2.0);
    }

    #[test]
    fn a_bound_is_no_footprint() {
        let mut two = two();
        two[0].rows[1].footprint.is_upper_bound = true;
        assert_eq!(rivals(&two, footprint).over("talc").len(), 1);
    }
}
