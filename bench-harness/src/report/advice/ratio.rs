//! What one row takes over what another takes on the same workload, with its interval.

use bench_results::metric;
pub use bench_results::ratio::Ratio;
use bench_results::stats::{Interval, of_ratio};

use crate::allocators::Need;
use crate::report::{Row, WorkloadReport};

/// `new`'s time over `old`'s on `workload`; `None` if one has no time.
pub(super) fn of_time(workload: &WorkloadReport, new: &Row, old: &Row) -> Option<Ratio> {
    let (new_unit, old_unit) = (unit(workload, new)?, unit(workload, old)?);
    let relative =
        |row: &Row, unit: f64| -> Vec<f64> { row.times.iter().map(|time| time / unit).collect() };
    Some(Ratio {
        value: (new.time?.median / new_unit) / (old.time?.median / old_unit),
        interval: of_ratio(&relative(new, new_unit), &relative(old, old_unit)),
    })
}

/// `new`'s footprint over `old`'s on `workload`; `None` if one has no footprint.
pub(super) fn of_memory(workload: &WorkloadReport, new: &Row, old: &Row) -> Option<Ratio> {
    let (after, before) = (span(workload, new)?, span(workload, old)?);
    Some(Ratio {
        value: bytes(new)? / bytes(old)?,
        interval: Some(Interval {
            low: after.low / before.high,
            high: after.high / before.low,
        }),
    })
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
    let figure = match row.need {
        Some(Need::Process) | None => "resident",
        Some(Need::Fixed | Need::Arena) => "footprint",
    };
    let doubt = metric::find(figure).ok()?.doubt(high);
    Some(match row.footprint.is_upper_bound {
        true => Interval {
            low: high.min(workload.facts.peak_live.max(1) as f64),
            high,
        },
        false => Interval {
            low: high * (1.0 - doubt).max(0.01),
            high: high * (1.0 + doubt),
        },
    })
}
