//! The workloads on which an allocator by others is better than every stage.

use std::fmt;

use bench_results::stats::of_ratio;
use serde::{Deserialize, Serialize};

use super::units::{nanos, ratio};
use super::{Row, WorkloadReport};

/// What a stage can lose in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Nanoseconds per operation.
    Time,
    /// Footprint over peak live bytes.
    Footprint,
}

/// Why a loss may be none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The interval of the ratio of the times holds 1, or the footprints differ by no more than the
    /// search for them can see.
    TooClose,
    /// There are too few times for an interval.
    TooFewTimes,
}

/// One workload that the stages lose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// The workload's name.
    pub workload: String,
    /// In what.
    pub measure: Measure,
    /// The best of the others, and its figure.
    pub best: (String, f64),
    /// The best stage and its figure, if one completed the workload.
    pub stage: Option<(String, f64)>,
    /// Why the two may be equal; `None` if they are told apart, or if no stage has a figure.
    pub doubt: Option<Doubt>,
}

/// Two footprints closer than this are equal: each is found to a thousandth.
const PRECISION: f64 = 1.002;

/// Every loss, in the order of the workloads.
pub fn of(workloads: &[WorkloadReport]) -> Vec<Loss> {
    let losses = workloads.iter().flat_map(|workload| {
        [Measure::Time, Measure::Footprint].map(|measure| loss(workload, measure))
    });
    losses.flatten().collect()
}

fn loss(workload: &WorkloadReport, measure: Measure) -> Option<Loss> {
    let best = best(workload, measure, false)?;
    let stage = self::best(workload, measure, true);
    let figure = |row: &Row| value(row, measure).unwrap_or(f64::INFINITY);
    if stage.is_some_and(|stage| figure(stage) <= figure(best)) {
        return None;
    }
    let named = |row: &Row| (row.allocator.clone(), figure(row));
    Some(Loss {
        workload: workload.name.clone(),
        measure,
        best: named(best),
        stage: stage.map(named),
        doubt: stage.and_then(|stage| match measure {
            Measure::Time => doubt_of_times(stage, best),
            Measure::Footprint => {
                (figure(stage) <= figure(best) * PRECISION).then_some(Doubt::TooClose)
            }
        }),
    })
}

fn best(workload: &WorkloadReport, measure: Measure, is_stage: bool) -> Option<&Row> {
    let rows = workload.rows.iter();
    rows.filter(|row| row.is_stage == is_stage && value(row, measure).is_some())
        .min_by(|a, b| {
            let [a, b] = [a, b].map(|row| value(row, measure).unwrap_or(f64::INFINITY));
            a.total_cmp(&b)
        })
}

fn value(row: &Row, measure: Measure) -> Option<f64> {
    match measure {
        Measure::Time => row.time.map(|time| time.median),
        Measure::Footprint => row
            .footprint_ratio
            .filter(|_| !row.footprint.is_upper_bound),
    }
}

fn doubt_of_times(stage: &Row, best: &Row) -> Option<Doubt> {
    match of_ratio(&stage.times, &best.times) {
        None => Some(Doubt::TooFewTimes),
        Some(interval) => interval.holds(1.0).then_some(Doubt::TooClose),
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: f64| match self.measure {
            Measure::Time => format!("{} ns/op", nanos(value)),
            Measure::Footprint => format!("footprint {}", ratio(value)),
        };
        let (best, figure) = &self.best;
        write!(f, "{}: {best} {}", self.workload, text(*figure))?;
        match &self.stage {
            Some((stage, figure)) => write!(f, ", the best stage {stage} {}", text(*figure))?,
            None => write!(f, ", no stage has a figure")?,
        }
        match self.doubt {
            Some(Doubt::TooClose) => write!(f, " (too close to tell)"),
            Some(Doubt::TooFewTimes) => write!(f, " (too few times to tell)"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{row, workload};

    #[test]
    fn a_workload_is_lost_if_no_stage_is_as_good() {
        let rows = vec![
            row("libc", &[10.0; 3], 700),
            row("talc", &[8.0; 3], 900),
            row("bump", &[9.0, 7.0, 10.0], 600),
        ];
        let losses = of(&[workload("churn", rows)]);
        assert_eq!(losses.len(), 1, "the footprint is not lost: {losses:?}");
        let loss = &losses[0];
        assert_eq!(loss.best, ("talc".to_string(), 8.0));
        assert_eq!(loss.stage, Some(("bump".to_string(), 9.0)));
        assert_eq!(loss.doubt, Some(Doubt::TooClose));
        assert!(loss.to_string().contains("too close to tell"), "{loss}");
    }

    fn doubt(best: &[f64], stage: &[f64]) -> Option<Doubt> {
        let rows = vec![row("talc", best, 1), row("bump", stage, 1)];
        of(&[workload("churn", rows)])[0].doubt
    }

    #[test]
    fn one_disturbed_process_does_not_excuse_a_loss() {
        let disturbed = [8.0, 8.1, 8.2, 8.1, 8.0, 8.2, 8.1, 8.0, 30.0];
        assert_eq!(doubt(&disturbed, &[16.0; 9]), None);
        let noisy = [10.0, 16.0, 8.0, 17.0, 9.0];
        assert_eq!(doubt(&noisy, &[11.0; 5]), Some(Doubt::TooClose));
    }

    #[test]
    fn too_few_times_for_an_interval_are_said_to_be() {
        assert_eq!(doubt(&[8.0; 2], &[16.0; 2]), Some(Doubt::TooFewTimes));
        let rows = vec![row("talc", &[8.0; 2], 1), row("bump", &[16.0; 3], 1)];
        let loss = &of(&[workload("churn", rows)])[0];
        assert!(
            loss.to_string().ends_with("(too few times to tell)"),
            "{loss}"
        );
    }

    #[test]
    fn footprints_within_a_thousandth_are_not_told_apart() {
        let is_close = |bytes| {
            let rows = vec![row("talc", &[], 100_000), row("bump", &[], bytes)];
            of(&[workload("churn", rows)])[0].doubt.is_some()
        };
        assert!(is_close(100_100));
        assert!(!is_close(101_000));
    }

    #[test]
    fn a_stage_that_did_not_complete_has_lost() {
        let mut stage = row("bump", &[], 100);
        stage.footprint.is_upper_bound = true;
        let rows = vec![row("libc", &[10.0; 3], 700), stage];
        let losses = of(&[workload("churn", rows)]);
        assert_eq!(losses.len(), 2);
        assert!(losses.iter().all(|loss| loss.stage.is_none()));
    }
}
