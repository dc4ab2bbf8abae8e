//! How long anything may take, so that the run as a whole ends when it was said to.

use std::time::{Duration, Instant};

/// Time limits of a run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A verifying replay, or the timed ones of a row together.
    pub replay: Duration,
    /// The search for the smallest heap of a row.
    pub search: Duration,
    /// The whole run of the default rows or fewer; rows get less than the above when it grows short.
    pub run: Duration,
}

impl Limits {
    /// For the default run, which ends within five minutes.
    pub const DEFAULT: Self = Self {
        replay: Duration::from_millis(2500),
        search: Duration::from_secs(4),
        run: Duration::from_secs(230),
    };

    /// For the quick run, which ends within a minute.
    pub const QUICK: Self = Self {
        replay: Duration::from_millis(400),
        search: Duration::from_millis(800),
        run: Duration::from_secs(40),
    };

    /// The same for a run of so many rows: one of more than the default has gets more time, in
    /// proportion.
    pub fn for_rows(self, n_rows: usize) -> Self {
        let factor = n_rows as f64 / DEFAULT_ROWS as f64;
        Self {
            run: self.run.mul_f64(factor.max(1.0)),
            ..self
        }
    }

    /// The same with another limit for replays; searches get twice that.
    pub fn with_replay(self, replay: Duration) -> Self {
        Self {
            replay,
            search: replay * 2,
            ..self
        }
    }
}

/// The rows of the default run, about: its workloads times its allocators.
const DEFAULT_ROWS: usize = 160;

/// What is left of a run's time.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    start: Instant,
    /// After which nothing begins.
    end: Option<Instant>,
}

/// No row gets less than this, however late it is.
const LEAST: Duration = Duration::from_millis(100);

impl Budget {
    /// The clock starts.
    pub fn start(limits: Limits) -> Self {
        Self {
            limits,
            start: Instant::now(),
            end: None,
        }
    }

    /// The clock starts, and nothing begins after `time`, whatever is left to do.
    pub(crate) fn strict(time: Duration) -> Self {
        let limits = Limits {
            replay: time,
            search: time,
            run: time,
        };
        let strict = Self::start(limits);
        Self {
            end: Some(strict.start + time),
            ..strict
        }
    }

    /// Whether nothing is to begin any more.
    pub(crate) fn is_over(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }

    /// The limits for the rows of one workload, of which `n_left` are still to come and have
    /// `n_rows` rows each.
    ///
    /// A slow row may use four times its share: most rows use far less than theirs.
    pub fn limits(&self, n_left: usize, n_rows: usize) -> Limits {
        let left = self.limits.run.saturating_sub(self.start.elapsed());
        let n_shares = u32::try_from(n_left * n_rows).unwrap_or(u32::MAX).max(1);
        let share = (left * 4 / n_shares).max(LEAST);
        Limits {
            replay: self.limits.replay.min(share),
            search: self.limits.search.min(share * 2),
            run: left,
        }
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

/// How long a child may take to answer if its replays are to end after `limit`: a process has to
/// start, to read its trace and to map its heap, on a machine that is busy with other things.
pub fn patience(limit: Duration) -> Duration {
    limit * 2 + Duration::from_secs(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_strict_budget_is_ever_over() {
        assert!(Budget::strict(Duration::ZERO).is_over());
        assert!(!Budget::strict(Duration::from_secs(60)).is_over());
        assert!(!Budget::start(Limits::QUICK).is_over());
    }

    #[test]
    fn a_large_run_has_as_much_time_for_each_row_as_the_default_one() {
        let time = |n_rows| Limits::DEFAULT.for_rows(n_rows).run;
        assert_eq!(time(1), Limits::DEFAULT.run);
        assert_eq!(time(DEFAULT_ROWS), Limits::DEFAULT.run);
        assert_eq!(time(10 * DEFAULT_ROWS), Limits::DEFAULT.run * 10);
    }
}
