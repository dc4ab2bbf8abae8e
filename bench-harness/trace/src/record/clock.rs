//! Converts the ticks of a recording to nanoseconds.

/// The constant rate of the processor's counter, from two readings of the counter and the clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Clock {
    ticks: u64,
    ns_per_tick: f64,
}

impl Clock {
    /// Computes the rate from the first and the last pair of ticks and nanoseconds. Returns `None` if no two
    /// pairs differ, because the process took only one page.
    pub(super) fn new(pairs: impl Iterator<Item = (u64, u64)> + Clone) -> Option<Self> {
        let (ticks, ns) = pairs.clone().min()?;
        let (last_ticks, last_ns) = pairs.max()?;
        let (n_ticks, n_ns) = (last_ticks.checked_sub(ticks)?, last_ns.checked_sub(ns)?);
        (n_ticks > 0 && n_ns > 0).then_some(Self {
            ticks,
            ns_per_tick: n_ns as f64 / n_ticks as f64,
        })
    }

    /// Returns the nanoseconds since the first reading.
    pub(super) fn nanoseconds(&self, ticks: u64) -> u64 {
        (ticks.saturating_sub(self.ticks) as f64 * self.ns_per_tick) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_nanoseconds_at_the_rate_of_the_looks() {
        let clock = Clock::new([(1500, 700), (1000, 500), (3000, 1300)].into_iter()).unwrap();
        assert_eq!(clock.nanoseconds(1000), 0);
        assert_eq!(clock.nanoseconds(2000), 400);
        assert_eq!(clock.nanoseconds(0), 0, "a moment before the first look");
    }

    #[test]
    fn one_look_is_no_clock() {
        assert_eq!(Clock::new([(1000, 500)].into_iter()), None);
        assert_eq!(Clock::new([(1000, 500), (1000, 600)].into_iter()), None);
    }
}
