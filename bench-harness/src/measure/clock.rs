//! A clock fine enough for one call.
//!
//! On x86-64 it is the processor's time stamp counter, with fences so that neither what comes
//! before nor what comes after is counted in; elsewhere it is the system's monotonic clock.

use std::time::{Duration, Instant};

/// Replays in which each call is clocked.
pub(crate) const REPLAYS: usize = 7;
/// The slowest laps of a call, which are not in its mean: the machine may have interrupted them.
const DROPPED: usize = 2;
/// Pairs of readings from which the clock's own cost is taken.
const N_PAIRS: usize = 70_000;
/// How long the counter is compared with the system's clock.
const CALIBRATION: Duration = Duration::from_millis(20);

/// What a tick is worth, and what reading the clock costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    nanos_per_tick: f64,
    /// Ticks between two readings with nothing between them: the mean, as of calls.
    cost: f64,
    /// The smallest difference of two readings that are not equal.
    grain: u32,
}

impl Clock {
    /// Measures the clock itself, for some 20 ms.
    pub(crate) fn calibrate() -> Self {
        let (start, first) = (Instant::now(), now());
        while start.elapsed() < CALIBRATION {
            std::hint::spin_loop();
        }
        let (elapsed, last) = (start.elapsed(), now());
        let mut pairs: Vec<u32> = (0..N_PAIRS).map(|_| pair()).collect();
        let costs: Vec<f64> = pairs.chunks_mut(REPLAYS).map(undisturbed).collect();
        pairs.sort_unstable();
        let steps = pairs.windows(2).map(|pair| pair[1] - pair[0]);
        let ticks = last.saturating_sub(first).max(1);
        Self {
            nanos_per_tick: elapsed.as_nanos() as f64 / ticks as f64,
            cost: mean(&costs),
            grain: steps.filter(|step| *step > 0).min().unwrap_or(1),
        }
    }

    /// The smallest difference that it can show, in nanoseconds.
    pub(crate) fn grain(self) -> f64 {
        self.nanos(f64::from(self.grain))
    }

    /// What a call took of which these are the laps of several replays, in ticks: the mean of all
    /// but the slowest, the clock's cost subtracted. Sorts the laps.
    pub(crate) fn ticks_of_call(self, laps: &mut [u32]) -> f64 {
        (undisturbed(laps) - self.cost).max(0.0)
    }

    /// Ticks as nanoseconds.
    pub(crate) fn nanos(self, ticks: f64) -> f64 {
        ticks * self.nanos_per_tick
    }
}

/// The mean of all but the slowest of several laps of one call. Sorts them.
fn undisturbed(laps: &mut [u32]) -> f64 {
    laps.sort_unstable();
    let n = laps.len().saturating_sub(DROPPED).max(1);
    mean(&laps[..n])
}

fn mean<T: Copy + Into<f64>>(ticks: &[T]) -> f64 {
    let sum: f64 = ticks.iter().map(|ticks| (*ticks).into()).sum();
    sum / ticks.len() as f64
}

/// Ticks between two readings with nothing between them.
fn pair() -> u32 {
    let start = now();
    u32::try_from(now().saturating_sub(start)).unwrap_or(u32::MAX)
}

/// The time in ticks, after everything before has been done and before anything after is begun.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn now() -> u64 {
    use std::arch::x86_64::{_mm_lfence, _rdtsc};
    // SAFETY: every x86-64 processor has these instructions; they touch no memory.
    unsafe {
        _mm_lfence();
        let now = _rdtsc();
        _mm_lfence();
        now
    }
}

/// The time in ticks of a nanosecond.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn now() -> u64 {
    use std::sync::OnceLock;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_takes_as_long_as_the_system_says() {
        let clock = Clock::calibrate();
        let (system, start) = (Instant::now(), now());
        std::thread::sleep(Duration::from_millis(30));
        let (end, system) = (now(), system.elapsed());
        let ratio = clock.nanos((end - start) as f64) / system.as_nanos() as f64;
        assert!((0.5..=2.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn empty_calls_take_next_to_nothing_on_average() {
        // A processor may change its pace between the two: not each of five times.
        let is_little = |_| {
            let clock = Clock::calibrate();
            let empty = || clock.ticks_of_call(&mut [(); REPLAYS].map(|()| pair()));
            let ticks: Vec<f64> = (0..1000).map(|_| empty()).collect();
            mean(&ticks) < f64::from(clock.grain).max(clock.cost / 2.0)
        };
        assert!((0..5).any(is_little));
    }

    #[test]
    fn the_slowest_laps_of_a_call_are_dropped() {
        let clock = Clock {
            nanos_per_tick: 0.5,
            cost: 20.0,
            grain: 1,
        };
        let mut laps = [110, 90_000, 130, 120, 90_000, 120, 120];
        assert_eq!(clock.nanos(clock.ticks_of_call(&mut laps)), 50.0);
    }
}
