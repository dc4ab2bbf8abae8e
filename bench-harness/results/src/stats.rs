//! Medians, means, and confidence intervals of medians and of their ratios.
//!
//! The bootstrap asks which medians would come out if the runs were drawn again, with replacement,
//! from those that were made. For a median that question has an exact answer, so nothing is drawn at
//! random and the same runs always give the same interval.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// How often an interval is meant to hold the true value.
pub const CONFIDENCE: f64 = 0.95;

/// From low to high.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether `value` lies between the ends, which are part of it.
    pub fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// The interval of the median of `samples` at [`CONFIDENCE`]; `None` of fewer than five, whose
/// whole range holds the true median less often.
///
/// Takes O(n²) for `n` samples.
pub fn of_median(samples: &[f64]) -> Option<Interval> {
    between(medians(samples).filter(|_| samples.len() >= 5)?)
}

/// The interval of the median of `new` over that of `old` at [`CONFIDENCE`]; `None` if either has
/// fewer than three samples or `old` one that is not positive.
///
/// It knows the noise between the processes of a run. What differs between two runs as wholes,
/// such as a processor that was warmer, is in no sample of either.
///
/// Takes O(nm log nm) for `n` and `m` samples.
pub fn of_ratio(new: &[f64], old: &[f64]) -> Option<Interval> {
    if old.iter().any(|sample| *sample <= 0.0) {
        return None;
    }
    let centre = median(new)? / median(old)?;
    let stretch = stretch(new.len().min(old.len()));
    let (new, old) = (medians(new)?, medians(old)?);
    let pairs = new.iter().flat_map(|(above, p)| {
        let ratios = old.iter().map(move |(below, q)| (above / below, p * q));
        ratios.filter(|(_, weight)| *weight > NEGLIGIBLE)
    });
    let Interval { low, high } = between(pairs.collect())?;
    Some(Interval {
        low: centre * (low / centre).powf(stretch),
        high: centre * (high / centre).powf(stretch),
    })
}

/// How much wider an interval must be, as a power of the ratio: the bootstrap of very few samples
/// cannot look beyond them, and would hold the true ratio of three in 90 of 100 runs only.
fn stretch(n_samples: usize) -> f64 {
    match n_samples {
        ..4 => 1.4,
        4 => 1.15,
        _ => 1.0,
    }
}

/// The middle one of `samples`, the upper of two; `None` of none.
pub fn median(samples: &[f64]) -> Option<f64> {
    sorted(samples).get(samples.len() / 2).copied()
}

/// The geometric mean of `ratios`; `None` of none.
pub fn geometric(ratios: &[f64]) -> Option<f64> {
    if ratios.is_empty() {
        return None;
    }
    let positive = ratios.iter().map(|ratio| ratio.max(f64::MIN_POSITIVE));
    let logs: f64 = positive.map(f64::ln).sum();
    Some((logs / ratios.len() as f64).exp())
}

/// Fewer samples say nothing of the spread of a median.
const FEWEST: usize = 3;

/// Pairs less likely than this change no end of an interval.
const NEGLIGIBLE: f64 = 1e-9;

/// Each value that the median of a resample can have, with its probability.
fn medians(samples: &[f64]) -> Option<Vec<(f64, f64)>> {
    let n = samples.len();
    if n < FEWEST {
        return None;
    }
    let sorted = sorted(samples).into_iter();
    Some(match KNOWN.get(n) {
        Some(known) => sorted
            .zip(known.get_or_init(|| weights(n)).iter().copied())
            .collect(),
        None => sorted.zip(weights(n)).collect(),
    })
}

/// The [`weights`] of as few samples as most figures have: they depend on the number alone.
static KNOWN: [OnceLock<Vec<f64>>; 32] = [const { OnceLock::new() }; 32];

/// The probability of each of `n` sorted samples that it is the median of a resample.
fn weights(n: usize) -> Vec<f64> {
    let ways = ways(n);
    let beyond: Vec<f64> = (0..=n).map(|k| chance_beyond(&ways, n, k)).collect();
    beyond.windows(2).map(|pair| pair[0] - pair[1]).collect()
}

/// The logarithm of the number of ways to choose none, one and so on, up to half, of `n`.
fn ways(n: usize) -> Vec<f64> {
    let next = |ways: &mut f64, hits: usize| {
        let current = *ways;
        *ways += ((n - hits) as f64 / (hits + 1) as f64).ln();
        Some(current)
    };
    (0..=n / 2).scan(0.0, next).collect()
}

/// The probability that the median of `n` draws out of `n` is beyond the `k` smallest: that at most
/// half of the draws are among those.
fn chance_beyond(ways: &[f64], n: usize, k: usize) -> f64 {
    if k == 0 || k == n {
        return if k == 0 { 1.0 } else { 0.0 };
    }
    let chance = k as f64 / n as f64;
    let (hit, miss) = (chance.ln(), (1.0 - chance).ln());
    let exactly = |(hits, ways): (usize, &f64)| ways + hits as f64 * hit + (n - hits) as f64 * miss;
    ways.iter().enumerate().map(exactly).map(f64::exp).sum()
}

/// The shortest stretch from both sides that leaves less than half of the doubt at each end.
fn between(mut weighted: Vec<(f64, f64)>) -> Option<Interval> {
    weighted.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let tail = (1.0 - CONFIDENCE) / 2.0;
    Some(Interval {
        low: first_beyond(weighted.iter(), tail)?,
        high: first_beyond(weighted.iter().rev(), tail)?,
    })
}

fn first_beyond<'a>(mut weighted: impl Iterator<Item = &'a (f64, f64)>, tail: f64) -> Option<f64> {
    let mut sum = 0.0;
    let found = weighted.find(|(_, weight)| {
        sum += weight;
        sum > tail
    });
    found.map(|(value, _)| *value)
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut samples = samples.to_vec();
    samples.sort_by(f64::total_cmp);
    samples
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha8Rng;
    use chacha20::rand_core::{Rng as _, SeedableRng as _};

    fn uniform(rng: &mut ChaCha8Rng) -> f64 {
        (rng.next_u32() as f64 + 0.5) / (f64::from(u32::MAX) + 1.0)
    }

    /// A time with noise as benches have it: never much faster, now and then much slower.
    fn time(rng: &mut ChaCha8Rng, typical: f64) -> f64 {
        let noise =
            (-2.0 * uniform(rng).ln()).sqrt() * (std::f64::consts::TAU * uniform(rng)).cos();
        let disturbance = if uniform(rng) < 0.1 { 1.4 } else { 1.0 };
        typical * (0.05 * noise).exp() * disturbance
    }

    fn run(rng: &mut ChaCha8Rng, n: usize, typical: f64) -> Vec<f64> {
        (0..n).map(|_| time(rng, typical)).collect()
    }

    fn coverage(n: usize, hit: impl Fn(&mut ChaCha8Rng) -> bool) -> f64 {
        let mut rng = ChaCha8Rng::seed_from_u64(n as u64);
        let n_hits = (0..4000).filter(|_| hit(&mut rng)).count();
        n_hits as f64 / 4000.0
    }

    #[test]
    fn nineteen_of_twenty_intervals_of_equal_work_hold_one() {
        for n in [3, 4, 5, 10, 20] {
            let held = coverage(n, |rng| {
                let (new, old) = (run(rng, n, 20.0), run(rng, n, 20.0));
                of_ratio(&new, &old).unwrap().holds(1.0)
            });
            assert!((0.94..=0.995).contains(&held), "{n} runs: {held}");
        }
    }

    #[test]
    fn an_interval_of_a_slower_allocator_does_not_hold_one() {
        let missed = coverage(5, |rng| {
            let (new, old) = (run(rng, 5, 32.0), run(rng, 5, 20.0));
            of_ratio(&new, &old).unwrap().low > 1.0
        });
        assert!(missed > 0.8, "{missed}");
    }

    #[test]
    fn an_interval_of_a_median_holds_the_true_one() {
        // The median of the noise is a little above the typical time: one in ten is disturbed.
        let held = coverage(9, |rng| of_median(&run(rng, 9, 20.0)).unwrap().holds(20.15));
        assert!(held > 0.92, "{held}");
    }

    #[test]
    fn the_weights_of_the_medians_are_a_distribution() {
        for n in [3, 4, 5, 30, 999] {
            let samples: Vec<f64> = (0..n).map(f64::from).collect();
            let weights: f64 = medians(&samples).unwrap().iter().map(|(_, w)| w).sum();
            assert!((weights - 1.0).abs() < 1e-6, "{n}: {weights}");
        }
        // Of 27 resamples of three, seven have the smallest at least twice.
        let (_, smallest) = medians(&[1.0, 2.0, 3.0]).unwrap()[0];
        assert!((smallest - 7.0 / 27.0).abs() < 1e-12, "{smallest}");
    }

    #[test]
    fn few_or_senseless_samples_have_no_interval() {
        assert_eq!(of_ratio(&[1.0, 2.0], &[1.0, 2.0, 3.0]), None);
        assert_eq!(of_ratio(&[1.0; 3], &[0.0, 1.0, 1.0]), None);
        assert_eq!(of_median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
    }

    #[test]
    fn a_mean_of_ratios_is_geometric() {
        assert_eq!(geometric(&[]), None);
        let mean = geometric(&[0.5, 2.0]).unwrap();
        assert!((mean - 1.0).abs() < 1e-12);
    }
}
