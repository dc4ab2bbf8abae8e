//! [`Sampler`]: chooses requests by their bytes.

use core::sync::atomic::{AtomicUsize, Ordering};

/// Chooses bytes at random among those requested, one in so many, each independently of the others.
///
/// The distance from a chosen byte to the next has an exponential distribution, as in jemalloc and tcmalloc. All threads
/// share one distance.
///
/// ```
/// let sampler = os::probes::Sampler::new(1000);
/// let chosen: usize = (0..10_000).map(|_| sampler.choose(100)).sum();
/// assert!((800..1200).contains(&chosen), "1,000 are expected, give or take 32: {chosen}");
/// ```
#[derive(Debug)]
pub struct Sampler {
    /// Bytes for each chosen one, on average, less [`INTERVAL`](Self::INTERVAL): by default all fields are 0, and a static
    /// with a sampler takes no room in the program's file.
    interval_less_default: AtomicUsize,
    /// Bytes up to the next chosen one, with that; 0 before the first request.
    left: AtomicUsize,
    /// The generator of random numbers.
    state: AtomicUsize,
}

impl Sampler {
    /// Bytes for each chosen one, on average, by default: those of jemalloc and tcmalloc.
    pub const INTERVAL: usize = 512 << 10;

    /// Of a request of more intervals than this, exactly one byte in an interval is chosen. Drawing them one by one would
    /// take long.
    const DRAWN: usize = 64;

    /// Returns a sampler that chooses one byte in `interval`, which is at least 1.
    pub const fn new(interval: usize) -> Self {
        Self {
            interval_less_default: AtomicUsize::new(interval.wrapping_sub(Self::INTERVAL)),
            left: AtomicUsize::new(0),
            state: AtomicUsize::new(0),
        }
    }

    /// Returns the bytes for each chosen one, on average.
    pub fn interval(&self) -> usize {
        let less = self.interval_less_default.load(Ordering::Relaxed);
        less.wrapping_add(Self::INTERVAL)
    }

    /// Chooses one byte in `interval` from now on; 0 counts as 1.
    pub fn set_interval(&self, interval: usize) {
        let less = interval.max(1).wrapping_sub(Self::INTERVAL);
        self.interval_less_default.store(less, Ordering::Relaxed);
        self.left.store(0, Ordering::Relaxed);
    }

    /// Returns how many of the next `bytes` bytes are chosen. A request of 0 bytes counts as 1 byte.
    pub fn choose(&self, bytes: usize) -> usize {
        let (bytes, interval) = (bytes.max(1), self.interval());
        if bytes / interval > Self::DRAWN {
            return bytes / interval;
        }
        let mut left = self.left.load(Ordering::Relaxed);
        loop {
            let (n, next) = self.pass(left, bytes);
            let (done, failed) = (Ordering::Relaxed, Ordering::Relaxed);
            match self.left.compare_exchange_weak(left, next, done, failed) {
                Ok(_) => return n,
                Err(seen) => left = seen,
            }
        }
    }

    /// Returns how many of the next `bytes` bytes are chosen, and the bytes left up to the next one behind them.
    fn pass(&self, left: usize, mut bytes: usize) -> (usize, usize) {
        let mut left = if left == 0 { self.distance() } else { left };
        let mut n = 0;
        while let Some(rest) = bytes.checked_sub(left) {
            n += 1;
            bytes = rest;
            left = self.distance();
        }
        (n, left - bytes)
    }

    /// Returns a random distance with the interval as its mean, at least 1.
    fn distance(&self) -> usize {
        let distance = -log2(self.random()) * core::f64::consts::LN_2 * self.interval() as f64;
        (distance as usize).max(1)
    }

    /// Returns a random number above 0 and at most 1, by SplitMix64.
    fn random(&self) -> f64 {
        const STEP: usize = 0x9e37_79b9_7f4a_7c15_u64 as usize;
        let mut mixed = self
            .state
            .fetch_add(STEP, Ordering::Relaxed)
            .wrapping_add(STEP) as u64;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        ((mixed >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }
}

/// Returns the logarithm of a positive number to base 2, with an error of about 0.01: `core` has no logarithm.
fn log2(number: f64) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    let bits = number.to_bits();
    let exponent = (bits >> 52) as i64 - 1023;
    let mantissa = f64::from_bits(bits & MANTISSA | 1.0_f64.to_bits());
    exponent as f64 + (-mantissa / 3.0 + 2.0) * mantissa - 2.0 / 3.0 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_chosen_with_the_same_probability() {
        for size in [0, 1, 300, 1000, 5000, 60_000, 70_000] {
            let sampler = Sampler::new(1000);
            let n = 10_000_000 / size.max(1);
            let chosen: usize = (0..n).map(|_| sampler.choose(size)).sum();
            let expected = n * size.max(1) / 1000;
            assert!(
                chosen.abs_diff(expected) < expected / 20,
                "{chosen} of {expected}, {size}"
            );
        }
    }

    #[test]
    fn a_request_of_many_intervals_counts_as_it_is() {
        let sampler = Sampler::new(1000);
        assert_eq!(sampler.choose(70_500), 70);
        sampler.set_interval(0);
        assert_eq!(sampler.choose(100), 100);
        assert_eq!(sampler.choose(usize::MAX), usize::MAX);
    }
}
