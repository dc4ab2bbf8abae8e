//! What one row takes over what another takes on the same workload, with its interval.

use serde::{Deserialize, Serialize};

use crate::compare::doubt;
use crate::report::interval::{self, Interval};
use crate::report::{Row, WorkloadReport};

/// With fewer than three times for an interval, the true ratio may be so many times as large or small.
const UNKNOWN: f64 = 1.5;

/// A ratio, and where the true one lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// The ratio.
    pub value: f64,
    /// Its interval at 95 %; `None` if a row has fewer than three times.
    pub interval: Option<Interval>,
}

impl Ratio {
    /// `new`'s time over `old`'s on `workload`; `None` if one has no time.
    pub(super) fn of_time(workload: &WorkloadReport, new: &Row, old: &Row) -> Option<Self> {
        let (new_unit, old_unit) = (unit(workload, new)?, unit(workload, old)?);
        let relative = |row: &Row, unit: f64| -> Vec<f64> {
            row.times.iter().map(|time| time / unit).collect()
        };
        Some(Self {
            value: (new.time?.median / new_unit) / (old.time?.median / old_unit),
            interval: interval::of_ratio(&relative(new, new_unit), &relative(old, old_unit)),
        })
    }

    /// `new`'s footprint over `old`'s on `workload`; `None` if one has no footprint.
    pub(super) fn of_memory(workload: &WorkloadReport, new: &Row, old: &Row) -> Option<Self> {
        let (after, before) = (span(workload, new)?, span(workload, old)?);
        Some(Self {
            value: bytes(new)? / bytes(old)?,
            interval: Some(Interval {
                low: after.low / before.high,
                high: after.high / before.low,
            }),
        })
    }

    /// The geometric mean over workloads that were measured apart; `None` of nothing.
    pub(super) fn mean(ratios: &[Self]) -> Option<Self> {
        (!ratios.is_empty()).then(|| combined(ratios, ratios.len() as f64))
    }

    /// This and `other` multiplied, which were measured apart.
    pub(super) fn times(self, other: Self) -> Self {
        combined(&[self, other], 1.0)
    }

    /// Whether the true ratio is below one beyond noise.
    pub(super) fn is_less(self) -> bool {
        self.bounds().high < 1.0
    }

    /// Whether the true ratio is above one beyond noise.
    pub(super) fn is_more(self) -> bool {
        self.bounds().low > 1.0
    }

    fn bounds(self) -> Interval {
        self.interval.unwrap_or(Interval {
            low: self.value / UNKNOWN,
            high: self.value * UNKNOWN,
        })
    }
}

/// The product of `ratios` to the power of 1/`n`. Errors of independent measurements add up as squares.
fn combined(ratios: &[Ratio], n: f64) -> Ratio {
    let sum = |of: &dyn Fn(&Ratio) -> f64| ratios.iter().map(of).sum::<f64>();
    let log = sum(&|ratio| positive(ratio.value).ln()) / n;
    let reach = |end: fn(Interval) -> f64| {
        let distance = |ratio: &Ratio| (positive(end(ratio.bounds())) / positive(ratio.value)).ln();
        sum(&|ratio| distance(ratio).powi(2)).sqrt() / n
    };
    let is_known = ratios.iter().all(|ratio| ratio.interval.is_some());
    Ratio {
        value: log.exp(),
        interval: is_known.then(|| Interval {
            low: (log - reach(|interval| interval.low)).exp(),
            high: (log + reach(|interval| interval.high)).exp(),
        }),
    }
}

fn positive(number: f64) -> f64 {
    number.max(f64::MIN_POSITIVE)
}

/// What the times of `row` are measured in, so that rows of different parts of a run compare: the
/// baseline's median in the same part.
fn unit(workload: &WorkloadReport, row: &Row) -> Option<f64> {
    let own = row.time?.median;
    let baseline = row.baseline_ns.or(workload.baseline_ns());
    Some(match row.is_baseline() {
        true => own,
        false => baseline.unwrap_or(1.0),
    })
}

fn bytes(row: &Row) -> Option<f64> {
    Some(row.footprint.bytes?.max(1) as f64)
}

/// Where the true footprint lies: one that is an upper bound may be as low as the peak of live bytes.
fn span(workload: &WorkloadReport, row: &Row) -> Option<Interval> {
    let high = bytes(row)?;
    let doubt = doubt(&row.footprint);
    Some(match row.footprint.is_upper_bound {
        true => Interval {
            low: high.min(workload.peak_live.max(1) as f64),
            high,
        },
        false => Interval {
            low: high * (1.0 - doubt).max(0.01),
            high: high * (1.0 + doubt),
        },
    })
}
