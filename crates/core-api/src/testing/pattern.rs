//! The pattern that the model writes into blocks, to see later whether they kept their contents.
//!
//! The model fills small blocks completely. In a large block it fills the first and the last KiB, and a few
//! bytes at up to 64 places between. That suffices to notice a lost page or a wrong length. It is cheap even
//! for a block of gigabytes, because the OS need not back most of its pages.

use core::ops::Range;
use core::ptr::NonNull;

/// The largest block that the model fills completely.
const FILL_LIMIT: usize = 8 << 10;

/// The number of bytes to fill at each end of a larger block.
const EDGE: usize = 1 << 10;

/// The samples between the edges: their smallest distance, their largest number, and the bytes of each.
const PAGE: usize = 4 << 10;
const MAX_SAMPLES: usize = 64;
const SAMPLE: usize = 16;

/// The largest zeroed block that the model reads completely.
const ZERO_LIMIT: usize = 1 << 20;

/// Returns the byte at `offset` of a block that was filled with `seed`.
///
/// It is a multiplicative hash: neighbouring offsets and neighbouring seeds share no run of bytes. So the
/// model notices a block that was copied one granule off, or that has another block's content.
fn byte(seed: u64, offset: usize) -> u8 {
    let mixed = (seed << 32 ^ offset as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 56) as u8
}

/// Returns the offsets that hold the pattern in a block of `len` bytes.
fn covered(len: usize) -> impl Iterator<Item = Range<usize>> {
    let head = if len <= FILL_LIMIT { len } else { EDGE };
    let tail = if len <= FILL_LIMIT { len } else { len - EDGE };
    let samples = (head..tail)
        .step_by(PAGE.max(len / MAX_SAMPLES))
        .map(move |at| at..(at + SAMPLE).min(tail));
    core::iter::once(0..head)
        .chain(samples)
        .chain(core::iter::once(tail..len))
}

/// Writes the pattern of `seed` into a block of `len` bytes.
///
/// # Safety
///
/// `block` is writable for `len` bytes, and nothing else uses them.
pub(super) unsafe fn fill(block: NonNull<u8>, len: usize, seed: u64) {
    for Range { start, end } in covered(len) {
        let mut offset = start;
        while offset < end {
            // SAFETY: `offset < len`, and the caller promises that `len` bytes are writable.
            unsafe { block.add(offset).write(byte(seed, offset)) };
            offset += 1;
        }
    }
}

/// Compares the first `kept` bytes with the pattern of `seed` in a block of `filled` bytes. Returns the
/// offset of the first difference.
///
/// # Safety
///
/// `block` is readable for `kept` bytes, and nothing writes to them.
pub(super) unsafe fn first_difference(
    block: NonNull<u8>,
    filled: usize,
    kept: usize,
    seed: u64,
) -> Option<usize> {
    covered(filled).find_map(|range| {
        let end = range.end.min(kept);
        // SAFETY: `end <= kept`, and the caller promises that `kept` bytes are readable.
        unsafe { first_unlike(block, range.start..end, |offset| byte(seed, offset)) }
    })
}

/// Returns the offset of the first byte in `range` that differs from `expected`.
///
/// It is a plain loop, because tests spend most of their time here, and are hardly optimised.
///
/// # Safety
///
/// `block` is readable throughout `range`, and nothing writes to it.
unsafe fn first_unlike(
    block: NonNull<u8>,
    range: Range<usize>,
    expected: impl Fn(usize) -> u8,
) -> Option<usize> {
    let mut offset = range.start;
    while offset < range.end {
        // SAFETY: `offset` lies in `range`, which is readable by the caller's promise.
        if unsafe { block.add(offset).read() } != expected(offset) {
            return Some(offset);
        }
        offset += 1;
    }
    None
}

/// Returns the offset of the first byte in `range` that is not zero.
///
/// # Safety
///
/// `block` is readable throughout `range`, its bytes are initialized, and nothing writes to them.
pub(super) unsafe fn first_nonzero(block: NonNull<u8>, range: Range<usize>) -> Option<usize> {
    // SAFETY: the caller's promise is passed on, because every `part` lies in `range`.
    let nonzero = |part: Range<usize>| unsafe { first_unlike(block, part, |_| 0) };
    if range.len() <= ZERO_LIMIT {
        return nonzero(range);
    }
    covered(range.len()).find_map(|part| nonzero(range.start + part.start..range.start + part.end))
}
