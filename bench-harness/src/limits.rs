//! How long anything may take, so that the run as a whole ends when it was said to.

use std::time::{Duration, Instant};

/// Time limits of a run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A verifying replay, or the timed ones of a row together.
    pub replay: Duration,
    /// The search for the smallest heap of a row.
    pub search: Duration,
    /// The whole run; rows get less than the above when it grows short.
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

    /// The same with another limit for replays; searches get twice that.
    pub fn with_replay(self, replay: Duration) -> Self {
        Self {
            replay,
            search: replay * 2,
            ..self
        }
    }
}

/// What is left of a run's time.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    start: Instant,
}

/// No row gets less than this, however late it is.
const LEAST: Duration = Duration::from_millis(100);

impl Budget {
    /// The clock starts.
    pub fn start(limits: Limits) -> Self {
        Self {
            limits,
            start: Instant::now(),
        }
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
