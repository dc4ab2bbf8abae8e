//! The control arm: the same allocator twice, and whether the intervals know it.

use bench_results::stats::{Interval, of_ratio};
use serde::Serialize;

use super::WorkloadReport;
use crate::allocators::{BASELINE, CONTROL};

/// What the control took over what the baseline took, on one workload.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Control {
    /// The workload's name.
    pub workload: String,
    /// The ratio of the two medians.
    pub ratio: f64,
    /// Its interval, which should hold 1.
    pub interval: Interval,
}

impl Control {
    /// Whether the difference is smaller than the interval.
    pub fn is_within_noise(&self) -> bool {
        self.interval.holds(1.0)
    }
}

/// The control on each workload on which it and the baseline were timed three times or more.
pub fn of(workloads: &[WorkloadReport]) -> Vec<Control> {
    workloads.iter().filter_map(control).collect()
}

fn control(workload: &WorkloadReport) -> Option<Control> {
    let row = |name| workload.rows.iter().find(|row| row.allocator == name);
    let (again, once) = (row(CONTROL)?, row(BASELINE)?);
    Some(Control {
        workload: workload.name.clone(),
        ratio: again.time?.median / once.time?.median,
        interval: of_ratio(&again.times, &once.times)?,
    })
}

/// A sentence for the end of the tables; empty if there is no control.
pub(super) fn sentence(workloads: &[WorkloadReport]) -> String {
    let controls = of(workloads);
    let held = controls.iter().filter(|control| control.is_within_noise());
    match controls.len() {
        0 => String::new(),
        n => format!(
            "{CONTROL} is {BASELINE}: the two differ by less than their interval on {} of {n} workloads.\n",
            held.count()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{row, workload};

    #[test]
    fn the_control_is_within_noise_where_its_interval_holds_one() {
        let rows = |again: [f64; 3]| {
            let rows = vec![
                row("libc", &[10.0, 11.0, 12.0], 1),
                row("libc-again", &again, 1),
            ];
            workload("churn", rows)
        };
        let workloads = [rows([10.5, 11.5, 12.5]), rows([20.0, 21.0, 22.0])];
        let controls = of(&workloads);
        assert!(controls[0].is_within_noise() && !controls[1].is_within_noise());
        assert!(sentence(&workloads).contains("1 of 2 workloads"));
        assert_eq!(sentence(&[]), "");
    }
}
