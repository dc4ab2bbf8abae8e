//! One figure in two runs: a ratio, its interval, and what may be said of it.

use serde::Serialize;

use super::Pair;
use crate::metric::{Better, Metric, Policy};
use crate::stats::{Interval, median, of_ratio};
use crate::{Measurement, Outcome};

/// The ratio of a figure to the same figure of an earlier run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// New over old.
    pub ratio: f64,
    /// Where the true ratio lies, as far as these runs can tell.
    pub interval: Interval,
    /// More is better, so that a ratio above 1 is an improvement.
    pub more_is_better: bool,
}

/// What may be said of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The whole interval is below 1.
    Less,
    /// The whole interval is above 1.
    More,
    /// The interval holds 1.
    WithinNoise,
}

/// The ratio of a figure to one that was 0.
const FROM_NOTHING: f64 = 1000.0;

impl Change {
    /// Of one figure of an allocator; `None` if there are too few samples to tell.
    pub fn of(new: &[f64], old: &[f64], metric: &Metric) -> Option<Self> {
        let (after, before) = (median(new)?, median(old)?);
        let ratio = match (after, before) {
            (after, before) if after == before => 1.0,
            (_, 0.0) => FROM_NOTHING,
            (after, before) => (after / before).min(FROM_NOTHING),
        };
        let bootstrap = of_ratio(new, old);
        let interval = match metric.policy {
            Policy::Noisy => bootstrap?,
            _ => bootstrap.unwrap_or(Interval {
                low: ratio,
                high: ratio,
            }),
        };
        let doubt = metric.doubt(after) + metric.doubt(before);
        Some(Self {
            ratio,
            interval: Interval {
                low: interval.low.min(ratio) * (1.0 - doubt).max(0.0),
                high: interval.high.max(ratio) * (1.0 + doubt.min(FROM_NOTHING)),
            },
            more_is_better: metric.better == Better::More,
        })
    }

    /// By what the figure became worse: above 1 it did.
    pub fn worsening(&self) -> Interval {
        let Interval { low, high } = self.interval;
        match self.more_is_better {
            false => self.interval,
            true => Interval {
                low: 1.0 / high,
                high: 1.0 / low,
            },
        }
    }

    /// What may be said of it.
    pub fn verdict(&self) -> Verdict {
        match self.interval {
            Interval { low, .. } if low > 1.0 => Verdict::More,
            Interval { high, .. } if high < 1.0 => Verdict::Less,
            _ => Verdict::WithinNoise,
        }
    }

    /// Whether it is a change for the worse.
    pub fn is_worse(&self) -> bool {
        self.worsening().low > 1.0
    }
}

/// The figure in both runs; `None` if the earlier had none. `reps` repetitions were asked of `new`.
pub(super) fn pair(
    new: &Measurement,
    old: &Measurement,
    metric: &Metric,
    reps: usize,
) -> Option<Pair> {
    let before = old.outcome.median()?;
    let (after, earlier) = (new.outcome.samples(), old.outcome.samples());
    let was = format!("was {}", metric.text(before));
    let lost = match &new.outcome {
        Outcome::Samples(_) if is_too_slow_to_repeat(after, earlier, metric, reps) => {
            let now = new.outcome.median().map(|now| metric.text(now));
            let now = now.unwrap_or_default();
            Some(format!("{was}, now {now}, too slow to be repeated"))
        }
        Outcome::Samples(_) => None,
        other => Some(format!("{was}, now none: {}", other.why())),
    };
    Some(Pair {
        case: new.case.to_string(),
        subject: new.subject.name.clone(),
        metric: new.metric.clone(),
        change: Change::of(after, earlier, metric),
        lost,
    })
}

/// A figure that is so bad now that it was not repeated often enough for an interval is lost, if even the best
/// of its samples is worse than the worst was.
fn is_too_slow_to_repeat(new: &[f64], old: &[f64], metric: &Metric, reps: usize) -> bool {
    let is_short = new.len() < reps && metric.policy == Policy::Noisy;
    let least = new.iter().copied().reduce(f64::min);
    let most = old.iter().copied().reduce(f64::max);
    let is_slower = least.zip(most).is_some_and(|(least, most)| least > most);
    is_short && of_ratio(new, old).is_none() && is_slower
}
