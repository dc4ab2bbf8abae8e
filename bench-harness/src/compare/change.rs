//! One figure in two runs: a ratio, its interval, and what may be said of it.

use serde::Serialize;

use crate::job::Footprint;
use crate::report::Row;
use crate::report::interval::{self, Interval};

/// A figure of a run over the same of an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// New over old; below 1 is an improvement.
    pub ratio: f64,
    /// Where the true ratio lies, as far as these runs can tell.
    pub interval: Interval,
}

/// What may be said of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Better: the whole interval is below 1.
    Less,
    /// Worse: the whole interval is above 1.
    More,
    /// The interval holds 1.
    WithinNoise,
}

impl Change {
    /// Of the median time; `None` if a row has no time, or fewer than three.
    pub fn of_time(new: &Row, old: &Row) -> Option<Self> {
        let (after, before) = (new.time?, old.time?);
        Some(Self {
            ratio: after.median / before.median,
            interval: interval::of_ratio(&new.times, &old.times)?,
        })
    }

    /// Of the footprint; `None` if either is missing or only an upper bound.
    ///
    /// It is found once a run, by a search that stops within a thousandth, or as resident memory,
    /// which comes in pages; the interval is as wide as that.
    pub fn of_footprint(new: &Footprint, old: &Footprint) -> Option<Self> {
        let (after, before) = (known(new)?, known(old)?);
        let doubt = doubt(new) + doubt(old);
        let ratio = after / before;
        Some(Self {
            ratio,
            interval: Interval {
                low: ratio * (1.0 - doubt),
                high: ratio * (1.0 + doubt),
            },
        })
    }

    /// What may be said of it.
    pub fn verdict(&self) -> Verdict {
        match self.interval {
            Interval { low, .. } if low > 1.0 => Verdict::More,
            Interval { high, .. } if high < 1.0 => Verdict::Less,
            _ => Verdict::WithinNoise,
        }
    }
}

fn known(footprint: &Footprint) -> Option<f64> {
    let bytes = footprint.bytes.filter(|_| !footprint.is_upper_bound)?;
    Some(bytes.max(1) as f64)
}

/// A thousandth by the search; with memory from the OS, four pages, which is what two runs of one
/// allocator differ by.
fn doubt(footprint: &Footprint) -> f64 {
    const PAGES: f64 = 4.0 * 4096.0;
    let pages = footprint.mapped.and(known(footprint));
    0.001 + pages.map_or(0.0, |bytes| PAGES / bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn footprint(bytes: usize, mapped: Option<usize>) -> Footprint {
        Footprint {
            bytes: Some(bytes),
            mapped,
            ..Footprint::default()
        }
    }

    #[test]
    fn a_footprint_is_known_to_a_thousandth_or_to_some_pages() {
        let change = |new, old, mapped| {
            let change = Change::of_footprint(&footprint(new, mapped), &footprint(old, mapped));
            change.unwrap().verdict()
        };
        assert_eq!(change(100_100, 100_000, None), Verdict::WithinNoise);
        assert_eq!(change(101_000, 100_000, None), Verdict::More);
        assert_eq!(change(90_000, 100_000, None), Verdict::Less);
        assert_eq!(change(104_096, 100_000, Some(1)), Verdict::WithinNoise);
    }

    #[test]
    fn an_upper_bound_is_not_compared() {
        let bound = Footprint {
            is_upper_bound: true,
            ..footprint(1000, None)
        };
        assert_eq!(Change::of_footprint(&bound, &footprint(1, None)), None);
    }
}
