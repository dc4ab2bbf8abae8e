//! What the model writes into blocks, so that it can tell whether they still hold it.
//!
//! Small blocks are filled completely. Of large ones the first and the last KiB and a few bytes at
//! up to 64 places between are: enough to notice a lost page or a wrong length, and cheap for a
//! block of gigabytes, most of which the OS then need not back.

use core::ops::Range;
use core::ptr::NonNull;

/// Blocks up to this many bytes are filled completely.
const FILL_LIMIT: usize = 8 << 10;

/// Bytes at each end of a larger block that are filled.
const EDGE: usize = 1 << 10;

/// Smallest distance of the samples between the edges, their largest number, and bytes of each.
const PAGE: usize = 4 << 10;
const MAX_SAMPLES: usize = 64;
const SAMPLE: usize = 16;

/// Zeroed blocks up to this many bytes are read completely.
const ZERO_LIMIT: usize = 1 << 20;

/// The byte at `offset` of a block that was filled with `seed`.
///
/// A multiplicative hash: neighbouring offsets and neighbouring seeds share no run of bytes, so a
/// block that was copied one granule off, or that shows another block's content, is noticed.
fn byte(seed: u64, offset: usize) -> u8 {
    let mixed = (seed << 32 ^ offset as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 56) as u8
}

/// The offsets of a block of `len` bytes that hold its pattern.
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
/// `block` is writable for `len` bytes and nobody else uses them.
pub(super) unsafe fn fill(block: NonNull<u8>, len: usize, seed: u64) {
    for Range { start, end } in covered(len) {
        let mut offset = start;
        while offset < end {
            // SAFETY: `offset < len`.
            unsafe { block.add(offset).write(byte(seed, offset)) };
            offset += 1;
        }
    }
}

/// The first of the first `kept` bytes that differs from the pattern of `seed`, with which a
/// block of `filled` bytes was filled.
///
/// # Safety
///
/// `block` is readable for `kept` bytes and nobody writes to them.
pub(super) unsafe fn first_difference(
    block: NonNull<u8>,
    filled: usize,
    kept: usize,
    seed: u64,
) -> Option<usize> {
    covered(filled).find_map(|range| {
        let end = range.end.min(kept);
        // SAFETY: `end <= kept`.
        unsafe { first_unlike(block, range.start..end, |offset| byte(seed, offset)) }
    })
}

/// The first byte in `range` that is not what `expected` says. A plain loop: most of a test's time goes
/// here, and tests are not optimised much.
///
/// # Safety
///
/// `block` is readable throughout `range`, and nobody writes to it.
unsafe fn first_unlike(
    block: NonNull<u8>,
    range: Range<usize>,
    expected: impl Fn(usize) -> u8,
) -> Option<usize> {
    let mut offset = range.start;
    while offset < range.end {
        // SAFETY: `offset` is in `range`.
        if unsafe { block.add(offset).read() } != expected(offset) {
            return Some(offset);
        }
        offset += 1;
    }
    None
}

/// The first byte in `range` that is not zero.
///
/// # Safety
///
/// `block` is readable throughout `range`, its bytes are initialized, and nobody writes to them.
pub(super) unsafe fn first_nonzero(block: NonNull<u8>, range: Range<usize>) -> Option<usize> {
    // SAFETY: passed on: what is asked for lies in `range`.
    let nonzero = |part: Range<usize>| unsafe { first_unlike(block, part, |_| 0) };
    if range.len() <= ZERO_LIMIT {
        return nonzero(range);
    }
    covered(range.len()).find_map(|part| nonzero(range.start + part.start..range.start + part.end))
}
