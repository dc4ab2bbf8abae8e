//! The random distance to the next sample.

use core::sync::atomic::{AtomicU64, Ordering};

/// Returns the bytes until the next sample, from an exponential distribution with mean `average`: as if
/// each byte were sampled independently.
pub(super) fn pause(average: usize) -> usize {
    let pause = -log2(next()) * core::f64::consts::LN_2 * average as f64;
    (pause as usize).max(1)
}

/// Returns a random number above 0 and at most 1, by SplitMix64.
fn next() -> f64 {
    static STATE: AtomicU64 = AtomicU64::new(0x5851_f42d_4c95_7f2d);
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut mixed = STATE.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    ((mixed >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

/// Returns the logarithm of a positive number to base 2, with an error of about 0.01: `core` has no logarithm.
fn log2(number: f64) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    let bits = number.to_bits();
    let exponent = (bits >> 52) as i64 - 1023;
    let mantissa = f64::from_bits(bits & MANTISSA | 1.0_f64.to_bits());
    exponent as f64 + (-mantissa / 3.0 + 2.0) * mantissa - 2.0 / 3.0 - 1.0
}
