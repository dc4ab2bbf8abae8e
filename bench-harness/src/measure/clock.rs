//! A clock fine enough for one call.
//!
//! On x86-64 it is the processor's time stamp counter, with fences so that neither what comes
//! before nor what comes after is counted in; elsewhere it is the system's monotonic clock.

use std::time::{Duration, Instant};

/// Pairs of readings from which the clock's own cost is taken.
const N_PAIRS: usize = 10_001;
/// How long the counter is compared with the system's clock.
const CALIBRATION: Duration = Duration::from_millis(20);

/// What a tick is worth, and what reading the clock costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    nanos_per_tick: f64,
    /// Ticks between two readings with nothing between them: the median.
    cost: u64,
    /// The smallest difference of two readings that are not equal.
    grain: u64,
}

impl Clock {
    /// Measures the clock itself, for some 20 ms.
    pub(crate) fn calibrate() -> Self {
        let (start, first) = (Instant::now(), now());
        while start.elapsed() < CALIBRATION {
            std::hint::spin_loop();
        }
        let (elapsed, last) = (start.elapsed(), now());
        let mut pairs: Vec<u64> = (0..N_PAIRS).map(|_| pair()).collect();
        pairs.sort_unstable();
        let steps = pairs.windows(2).map(|pair| pair[1] - pair[0]);
        let ticks = last.saturating_sub(first).max(1);
        Self {
            nanos_per_tick: elapsed.as_nanos() as f64 / ticks as f64,
            cost: pairs[N_PAIRS / 2],
            grain: steps.filter(|step| *step > 0).min().unwrap_or(1),
        }
    }

    /// The smallest difference that it can show, in nanoseconds.
    pub(crate) fn grain(self) -> f64 {
        self.nanos(self.grain)
    }

    /// What a call took that was clocked at so many ticks, the clock's cost subtracted.
    pub(crate) fn ticks_of_call(self, clocked: u64) -> u64 {
        clocked.saturating_sub(self.cost)
    }

    /// Ticks as nanoseconds.
    pub(crate) fn nanos(self, ticks: u64) -> f64 {
        ticks as f64 * self.nanos_per_tick
    }
}

/// Ticks between two readings with nothing between them.
fn pair() -> u64 {
    let start = now();
    now().saturating_sub(start)
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
        let nanos = clock.nanos(clock.ticks_of_call(end - start));
        let ratio = nanos / system.as_nanos() as f64;
        assert!((0.5..=2.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn half_of_all_empty_calls_take_nothing() {
        let clock = Clock::calibrate();
        let empty = |_| clock.ticks_of_call(pair());
        let mut ticks: Vec<u64> = (0..1001).map(empty).collect();
        ticks.sort_unstable();
        assert!(
            clock.nanos(ticks[100]) < clock.nanos(clock.cost),
            "{ticks:?}"
        );
    }
}
