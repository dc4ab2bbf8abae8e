//! One figure in two runs: a ratio, its interval, and what may be said of it.

use serde::Serialize;

use crate::job::Footprint;
use crate::report::Row;
use crate::report::interval::{self, Interval};
use crate::report::units::{bytes, nanos};

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

/// The figures of `old` that `new` has no longer, each with what there is in its place; `reps`
/// repetitions were asked of `new`.
///
/// A row that is so slow now that it was not repeated often enough for an interval has lost its time
/// as well, if even its fastest process is slower than the slowest was.
pub(super) fn lost(new: &Row, old: &Row, reps: usize) -> Vec<String> {
    let note = new
        .notes
        .first()
        .map_or("no reason is noted", String::as_str);
    let time = match (new.time, old.time) {
        (None, Some(before)) => Some(format!(
            "time was {} ns/op, now none: {note}",
            nanos(before.median)
        )),
        (Some(after), Some(before)) if is_too_slow_to_repeat(new, old, reps) => Some(format!(
            "time was {} ns/op, now {}, too slow to be repeated",
            nanos(before.median),
            nanos(after.median)
        )),
        _ => None,
    };
    let footprint = match (known(&new.footprint), old.footprint.bytes) {
        (None, Some(before)) if !old.footprint.is_upper_bound => {
            Some(format!("footprint was {}, now none: {note}", bytes(before)))
        }
        _ => None,
    };
    time.into_iter().chain(footprint).collect()
}

fn is_too_slow_to_repeat(new: &Row, old: &Row, reps: usize) -> bool {
    let is_short = new.times.len() < reps && interval::of_ratio(&new.times, &old.times).is_none();
    let (Some(after), Some(before)) = (new.time, old.time) else {
        return false;
    };
    is_short && after.min > before.max
}

fn known(footprint: &Footprint) -> Option<f64> {
    let bytes = footprint.bytes.filter(|_| !footprint.is_upper_bound)?;
    Some(bytes.max(1) as f64)
}

/// The part of a footprint that is uncertain: a thousandth by the search; with memory from the OS, four pages, which is what two runs of one
/// allocator differ by.
pub(crate) fn doubt(footprint: &Footprint) -> f64 {
    const PAGES: f64 = 4.0 * 4096.0;
    let pages = footprint.mapped.and(known(footprint));
    0.001 + pages.map_or(0.0, |bytes| PAGES / bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::row;

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
    fn a_figure_that_is_gone_is_lost_and_says_why() {
        let old = row("bump", &[12.3; 5], 4096);
        let mut new = old.clone();
        assert_eq!(lost(&new, &old, 5), [""; 0]);
        new.time = None;
        new.notes = vec!["too slow: 10 of 1,000 operations".to_string()];
        new.footprint.is_upper_bound = true;
        let lines = lost(&new, &old, 5);
        assert_eq!(
            lines,
            [
                "time was 12.3 ns/op, now none: too slow: 10 of 1,000 operations",
                "footprint was 4.00 KiB, now none: too slow: 10 of 1,000 operations"
            ]
        );
        assert_eq!(lost(&new, &new, 5), [""; 0], "nor had the earlier run one");
        assert_eq!(
            lost(&old, &new, 5),
            [""; 0],
            "a figure that is new is not lost"
        );
    }

    #[test]
    fn a_row_too_slow_to_be_repeated_has_lost_its_time() {
        let old = row("bump", &[12.3; 5], 4096);
        let slow = row("bump", &[9000.0], 4096);
        assert_eq!(lost(&slow, &old, 5).len(), 1);
        assert_eq!(lost(&slow, &old, 1), [""; 0], "one was asked for");
        assert_eq!(lost(&row("bump", &[12.3], 4096), &old, 5), [""; 0]);
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
