//! The bytes that a verifying replay writes into blocks and finds again.
//!
//! They are copied and compared in pieces: byte by byte they would take most of the replay's time.

use std::ops::Range;
use std::ptr::NonNull;
use std::slice;

use crate::script::tag;

/// Bytes after which a pattern repeats.
const PERIOD: usize = 256;

/// The difference between a byte and the next.
const STEP: u8 = 31;

/// The inverse of `STEP` modulo 256.
const INVERSE: u8 = 223;

/// Multiples of `STEP`. Every pattern is `PERIOD` of these bytes, from an offset of its own.
static STEPS: [u8; 2 * PERIOD] = {
    let mut steps = [0; 2 * PERIOD];
    let mut index = 0;
    while index < steps.len() {
        steps[index] = (index as u8).wrapping_mul(STEP);
        index += 1;
    }
    steps
};

static ZEROS: [u8; PERIOD] = [0; PERIOD];

/// One period of the bytes of a block.
#[derive(Clone, Copy)]
pub(crate) struct Pattern(&'static [u8]);

impl Pattern {
    /// Returns the pattern of the block in `slot`. Its first byte is the one that timed runs write.
    pub(crate) fn of(slot: u32) -> Self {
        let start = usize::from(tag(slot).wrapping_mul(INVERSE));
        Self(&STEPS[start..start + PERIOD])
    }

    /// Returns the pattern of a zeroed block.
    pub(crate) fn zeroed() -> Self {
        Self(&ZEROS)
    }

    /// Returns the first byte.
    pub(crate) fn first(self) -> u8 {
        self.0[0]
    }

    /// Writes the pattern to the bytes in `range` of a block.
    ///
    /// # Safety
    ///
    /// `range` lies in the block, which nobody else uses now.
    pub(crate) unsafe fn write(self, block: NonNull<u8>, range: Range<usize>) {
        for (offset, bytes) in self.pieces(range) {
            // SAFETY: the caller's promise.
            unsafe {
                let piece = block.add(offset);
                piece.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len());
            }
        }
    }

    /// The first offset in `range` at which a block holds something else.
    ///
    /// # Safety
    ///
    /// `range` lies in the block and was written, and nobody else writes to it now.
    pub(crate) unsafe fn first_difference(
        self,
        block: NonNull<u8>,
        range: Range<usize>,
    ) -> Option<usize> {
        self.pieces(range).find_map(|(offset, bytes)| {
            // SAFETY: the caller's promise.
            let piece = unsafe { slice::from_raw_parts(block.add(offset).as_ptr(), bytes.len()) };
            if piece == bytes {
                return None;
            }
            let same = piece
                .iter()
                .zip(bytes)
                .take_while(|(found, byte)| found == byte);
            Some(offset + same.count())
        })
    }

    /// `range` cut where the pattern begins again: the offset of each piece, and what is to be there.
    fn pieces(self, range: Range<usize>) -> impl Iterator<Item = (usize, &'static [u8])> {
        let mut from = range.start;
        std::iter::from_fn(move || {
            if from >= range.end {
                return None;
            }
            let piece = from;
            from = range.end.min((piece / PERIOD + 1) * PERIOD);
            let start = piece % PERIOD;
            Some((piece, &self.0[start..start + from - piece]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(slot: u32, len: usize, range: Range<usize>) -> Vec<u8> {
        let mut block = vec![0xEE; len];
        let start = NonNull::from(&mut block[..]).cast();
        // SAFETY: the range lies in the vector.
        unsafe { Pattern::of(slot).write(start, range) };
        block
    }

    #[test]
    fn the_first_byte_is_the_tag_and_each_next_one_a_step_on() {
        for slot in [0, 1, 77, 300, 65_000] {
            let block = written(slot, 1000, 0..1000);
            assert_eq!(
                (block[0], Pattern::of(slot).first()),
                (tag(slot), tag(slot))
            );
            let is_step = |pair: &[u8]| pair[1] == pair[0].wrapping_add(STEP);
            assert!(block.windows(2).all(is_step), "{slot}");
        }
    }

    #[test]
    fn nothing_else_is_written() {
        let (part, whole) = (written(5, 1000, 200..777), written(5, 1000, 0..1000));
        assert_eq!(part[200..777], whole[200..777]);
        let is_kept = |byte: &u8| *byte == 0xEE;
        assert!(part[..200].iter().chain(&part[777..]).all(is_kept));
        assert!(written(5, 10, 10..10).iter().all(is_kept));
    }

    #[test]
    fn every_byte_is_compared() {
        for harmed in [0, 1, 255, 256, 511, 640, 999] {
            let mut block = written(9, 1000, 0..1000);
            let start = NonNull::from(&mut block[..]).cast();
            let first = |range| {
                // SAFETY: the range lies in the vector.
                unsafe { Pattern::of(9).first_difference(start, range) }
            };
            assert_eq!(first(0..1000), None);
            // SAFETY: the byte lies in the vector.
            unsafe { start.add(harmed).write(start.add(harmed).read() ^ 1) };
            assert_eq!(first(0..1000), Some(harmed));
            assert_eq!(first(0..harmed), None);
            assert_eq!(first(harmed + 1..1000), None);
        }
    }

    #[test]
    fn zeros_are_a_pattern_too() {
        let mut block = [0_u8; 600];
        block[599] = 1;
        let start = NonNull::from(&mut block).cast();
        // SAFETY: the ranges lie in the array.
        let first = |range| unsafe { Pattern::zeroed().first_difference(start, range) };
        assert_eq!((first(0..599), first(0..600)), (None, Some(599)));
    }
}
