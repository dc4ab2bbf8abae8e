//! A ratio of two figures, with its interval.

use serde::{Deserialize, Serialize};

use crate::metric::Metric;
use crate::stats::{Interval, median, of_ratio};

/// With fewer than three samples for an interval, the true ratio may be so many times as large or small.
const UNKNOWN: f64 = 1.5;

/// A ratio, and where the true one lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// The ratio.
    pub value: f64,
    /// Its interval at 95 %; `None` if a figure has fewer than three samples.
    pub interval: Option<Interval>,
}

impl Ratio {
    /// `new` over `old`, samples of one figure; `None` if one has none.
    pub fn of(new: &[f64], old: &[f64], metric: &Metric) -> Option<Self> {
        let (after, before) = (median(new)?, median(old)?);
        let doubt = metric.doubt(after) + metric.doubt(before);
        let widened = |Interval { low, high }| Interval {
            low: low * (1.0 - doubt).max(0.01),
            high: high * (1.0 + doubt),
        };
        Some(Self {
            value: after / before,
            interval: of_ratio(new, old).map(widened),
        })
    }

    /// The geometric mean of ratios that were measured apart; `None` of nothing.
    pub fn mean(ratios: &[Self]) -> Option<Self> {
        (!ratios.is_empty()).then(|| combined(ratios, ratios.len() as f64))
    }

    /// This and `other` multiplied, which were measured apart.
    pub fn times(self, other: Self) -> Self {
        combined(&[self, other], 1.0)
    }

    /// Whether the true ratio is below one beyond noise.
    pub fn is_less(self) -> bool {
        self.bounds().high < 1.0
    }

    /// Whether the true ratio is above one beyond noise.
    pub fn is_more(self) -> bool {
        self.bounds().low > 1.0
    }

    /// Whether both may be the same ratio, as far as their intervals tell.
    pub fn overlaps(self, other: Self) -> bool {
        let (one, other) = (self.bounds(), other.bounds());
        one.low <= other.high && other.low <= one.high
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
