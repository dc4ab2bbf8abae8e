//! Programs that are tried in this process, for a parent that looks for the shortest on which an allocator dies.

use std::time::Duration;

use anyhow::{Result, anyhow};
use core_api::testing::Program;

use super::Broken;
use crate::allocators::Entry;
use crate::noted;

/// Returns a random program: the same for the same number, and longer for higher numbers.
pub(crate) fn random(number: u32) -> Program {
    const LONGEST: u32 = 400;
    let mut state = u64::from(number);
    let byte = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let len = (8 + 3 * number).min(LONGEST);
    let bytes: Vec<u8> = (0..len).map(byte).collect();
    Program::from_bytes(&bytes)
}

/// Plays the program that `text` has. `None` if no promise is broken.
///
/// # Errors
///
/// The text is no program.
pub(super) fn play(entry: &Entry, text: &str, limit: Duration) -> Result<Option<Broken>> {
    let program: Program = text.parse().map_err(|error| anyhow!("{error}"))?;
    noted::tell_last_call(limit);
    Ok(entry.subject.play(&program).map(Broken::from))
}

/// Plays the first `n` random programs, whatever comes of them.
pub(super) fn play_random(entry: &Entry, n: u32, limit: Duration) {
    noted::tell_last_call(limit);
    for number in 0..n {
        let _ = entry.subject.play(&random(number));
    }
}
