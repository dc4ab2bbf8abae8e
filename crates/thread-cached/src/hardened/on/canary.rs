//! The canary: a secret pattern in the slack between a block's end and its slot's. A program that writes beyond an end
//! of a block changes it.
//!
//! ```text
//!   ┌───────────────────────┬─────────────┐┌──────────────
//!   │ block                 │ c a … a r y ││ next block
//!   └───────────────────────┴─────────────┘└──────────────
//!                             8 bytes, and the slot's last 8
//! ```
//!
//! The pattern repeats every 8 bytes of address, so that both ends may overlap.

use core::ptr::NonNull;

use core_api::{Misuse, fatal};

use crate::primitive::{AtomicU64, Ordering};

const WORD: usize = 8;

/// The pattern at a multiple of 8, first byte first; no byte is 0, which strings end with.
static PATTERN: AtomicU64 = AtomicU64::new(0);

/// Makes the pattern, once.
pub(crate) fn make() {
    if PATTERN.load(Ordering::Relaxed) == 0 {
        let bytes = os::random().to_le_bytes();
        let fresh = u64::from_le_bytes(bytes.map(|byte| if byte == 0 { 0xA5 } else { byte }));
        // If two threads come at once, the first one wins.
        let _ = PATTERN.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[inline]
fn pattern() -> u64 {
    PATTERN.load(Ordering::Relaxed)
}

/// The pattern from an address on.
#[inline]
fn pattern_at(address: usize) -> u64 {
    pattern().rotate_right((address % WORD * 8) as u32)
}

/// The bits of a slot's last word that are behind a block, whose slack is below 8 bytes.
#[inline]
fn behind(slack: usize) -> u64 {
    u64::MAX << (8 * (WORD - slack))
}

/// The last word of a slot of `slot` bytes.
#[inline]
fn last(block: NonNull<u8>, slot: usize) -> NonNull<u64> {
    // SAFETY: the slot has at least 32 bytes, a multiple of 8.
    unsafe { block.add(slot - WORD).cast() }
}

/// Writes the pattern behind a block of `size` bytes in a slot of `slot` bytes, which is longer. Keeps the block.
#[inline]
pub(crate) fn write(block: NonNull<u8>, size: usize, slot: usize) {
    let (last, slack) = (last(block, slot), slot - size);
    // SAFETY: the bytes lie in the slot and behind the block; nothing but this file uses them.
    unsafe {
        if slack < WORD {
            let mask = behind(slack);
            let word = u64::from_le(last.read()) & !mask | pattern() & mask;
            last.write(word.to_le());
            return;
        }
        let end = block.add(size);
        let first = pattern_at(end.addr().get());
        end.cast::<u64>().write_unaligned(first.to_le());
        last.write(pattern().to_le());
    }
}

/// Ends the process if bytes behind the block were overwritten.
#[inline]
pub(crate) fn check(block: NonNull<u8>, size: usize, slot: usize) {
    let (last, slack) = (last(block, slot), slot - size);
    // SAFETY: as in `write`, which wrote them.
    let is_whole = unsafe {
        let word = u64::from_le(last.read());
        if slack < WORD {
            (word ^ pattern()) & behind(slack) == 0
        } else {
            let end = block.add(size);
            let first = u64::from_le(end.cast::<u64>().read_unaligned());
            first == pattern_at(end.addr().get()) && word == pattern()
        }
    };
    if !is_whole {
        fatal(Misuse::Overrun);
    }
}

/// Ends the process if the end of the slot of a block that waits was overwritten.
#[inline]
pub(crate) fn check_last(block: NonNull<u8>, size: usize, slot: usize) {
    // SAFETY: as in `write`, which wrote it.
    let word = u64::from_le(unsafe { last(block, slot).read() });
    if (word ^ pattern()) & behind((slot - size).min(WORD)) != 0 {
        fatal(Misuse::WrittenWhileFree);
    }
}

/// Ends the process if the byte before a slot was overwritten, with which another slot ends that has had a block.
#[inline]
pub(crate) fn check_before(block: NonNull<u8>) {
    // SAFETY: the byte is the other slot's. Whatever thread writes to it writes what is there.
    let byte = unsafe { block.sub(1).read() };
    if u64::from(byte) != pattern() >> (8 * (WORD - 1)) {
        fatal(Misuse::Overrun);
    }
}
