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

/// The pattern behind `size` bytes from a multiple of 8 on.
#[inline]
fn rotated(pattern: u64, size: usize) -> u64 {
    pattern.rotate_right((size % WORD * 8) as u32)
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
        write_end(block, size, pattern());
        last.write(pattern().to_le());
    }
}

/// Writes the first word behind a block.
///
/// # Safety
///
/// The block's slot has so many bytes and a word, which nothing but this file uses.
#[inline]
unsafe fn write_end(block: NonNull<u8>, size: usize, pattern: u64) {
    let first = rotated(pattern, size);
    // SAFETY: the caller's promise.
    unsafe {
        let end = block.add(size);
        end.cast::<u64>().write_unaligned(first.to_le());
    }
}

/// Where the first word of a slack is that lies in the slot, and the bits of it that are behind the block. They are those of
/// the slot's last word, too. Computed without a branch: whether a slack is shorter than a word cannot be predicted.
#[inline(always)]
fn first_word(size: usize, slot: usize) -> (usize, u64) {
    let at = size.min(slot - WORD);
    (at, u64::MAX << (8 * (size - at)))
}

/// Does the same for a new block in a slot that ends with the whole pattern: if that reaches into the block, its bytes
/// there become 0.
#[inline(always)]
pub(crate) fn shorten(block: NonNull<u8>, size: usize, slot: usize) {
    let (at, mask) = first_word(size, slot);
    let word = rotated(pattern(), at) & mask;
    // SAFETY: the slot's bytes are not a program's yet.
    unsafe {
        let first = block.add(at).cast::<u64>();
        first.write_unaligned(word.to_le());
    }
}

/// Writes the pattern at the end of a slot whose block waits.
#[inline]
pub(crate) fn write_last(block: NonNull<u8>, slot: usize) {
    // SAFETY: the slot has no block, and nothing but this file uses the word.
    unsafe { last(block, slot).write(pattern().to_le()) };
}

/// Writes a slot's last word again, but for its last byte: that has the pattern since the slot's first block, and another
/// thread may be [looking at it](has_before).
///
/// # Safety
///
/// The slot has had a block, and nothing but this file uses the bytes of the word that change.
#[inline]
unsafe fn write_last_again(block: NonNull<u8>, slot: usize, word: u64) {
    let last = last(block, slot).cast::<u8>();
    // SAFETY: the seven bytes are the slot's; the two halves overlap in one.
    unsafe {
        last.cast::<u32>().write((word as u32).to_le());
        let rest = last.add(3).cast::<u32>();
        rest.write_unaligned(((word >> 24) as u32).to_le());
    }
}

/// Does what [`write_last`] does, for the free of another thread's block.
#[inline]
pub(crate) fn restore_last(block: NonNull<u8>, slot: usize) {
    // SAFETY: the slot's block was freed just now, and no thread has the slot yet.
    unsafe { write_last_again(block, slot, pattern()) };
}

/// Does what [`write`] does, for a block that any thread resizes where it is.
pub(crate) fn rewrite(block: NonNull<u8>, size: usize, slot: usize) {
    let (at, mask) = first_word(size, slot);
    let pattern = pattern();
    // SAFETY: the bytes lie in the slot and behind the block; nothing but this file uses them. A first word before the
    // slot's last one does not have the slot's last byte.
    unsafe {
        let first = block.add(at).cast::<u64>();
        let kept = u64::from_le(first.read_unaligned()) & !mask;
        let word = kept | rotated(pattern, at) & mask;
        if at == slot - WORD {
            return write_last_again(block, slot, word);
        }
        first.write_unaligned(word.to_le());
        write_last_again(block, slot, pattern);
    }
}

/// Ends the process if bytes behind the block were overwritten.
#[inline(always)]
pub(crate) fn check(block: NonNull<u8>, size: usize, slot: usize) {
    if !is_whole(block, size, slot) {
        fatal(Misuse::Overrun);
    }
}

#[inline(always)]
fn is_whole(block: NonNull<u8>, size: usize, slot: usize) -> bool {
    let (at, mask) = first_word(size, slot);
    let pattern = pattern();
    // SAFETY: as in `write`, which wrote them.
    let difference = unsafe {
        let first = block.add(at).cast::<u64>().read_unaligned();
        let last = last(block, slot).read();
        (u64::from_le(last) ^ pattern) | (u64::from_le(first) ^ rotated(pattern, at))
    };
    difference & mask == 0
}

/// Whether the end of the slot of a block that waits is as [`write_last`] wrote it.
#[inline]
pub(crate) fn has_last(block: NonNull<u8>, slot: usize) -> bool {
    // SAFETY: as in `write_last`.
    unsafe { last(block, slot).read() == pattern().to_le() }
}

/// Whether the byte before a slot is the one with which slots end that have had a block. For the owner.
///
/// # Safety
///
/// The byte is readable.
#[inline]
pub(crate) unsafe fn has_before(block: NonNull<u8>) -> bool {
    // SAFETY: the caller's promise. Only the owner writes the last byte of a slot in a slab.
    let byte = unsafe { block.sub(1).read() };
    u64::from(byte) == pattern() >> (8 * (WORD - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of the largest slot tried.
    const WORDS: usize = 12;

    #[test]
    fn each_byte_of_the_first_and_the_last_word_of_a_slack_is_compared() {
        make();
        for slot in (4..=WORDS).map(|words| words * WORD) {
            for size in slot / 2..slot {
                let mut memory = [0_u64; WORDS];
                let block = NonNull::from(&mut memory).cast::<u8>();
                write_last(block, slot);
                shorten(block, size, slot);
                assert!(is_whole(block, size, slot));
                for at in 0..slot {
                    let is_known = at >= size && (at < size + WORD || at >= slot - WORD);
                    // SAFETY: the slot has this byte.
                    unsafe {
                        let byte = block.add(at);
                        byte.write(byte.read() ^ 1);
                        assert_eq!(
                            is_whole(block, size, slot),
                            !is_known,
                            "{at} of {size} in {slot}"
                        );
                        byte.write(byte.read() ^ 1);
                    }
                }
            }
        }
    }

    #[test]
    fn the_last_byte_of_a_slot_that_had_a_block_is_never_written_again() {
        make();
        const SLOT: usize = 48;
        let rewrites: [&dyn Fn(NonNull<u8>); 2] = [&|block| restore_last(block, SLOT), &|block| {
            (1..SLOT).for_each(|size| rewrite(block, size, SLOT))
        }];
        for again in rewrites {
            let mut memory = [0_u64; SLOT / WORD];
            let block = NonNull::from(&mut memory).cast::<u8>();
            // SAFETY: the slot has these bytes.
            unsafe {
                block.add(SLOT - 1).write(1);
                again(block);
                assert_eq!(block.add(SLOT - 1).read(), 1);
                block.add(SLOT - 1).write(pattern().to_le_bytes()[WORD - 1]);
                restore_last(block, SLOT);
                assert!(has_last(block, SLOT) && has_before(block.add(SLOT)));
            }
        }
    }

    #[test]
    fn a_block_keeps_its_bytes_when_the_pattern_is_written_behind_it() {
        make();
        let writes = [write, |block, size, slot| {
            write(block, slot - 1, slot);
            rewrite(block, size, slot);
        }];
        for (write, size) in writes
            .iter()
            .flat_map(|write| (1..32).map(move |size| (write, size)))
        {
            let mut memory = [u64::MAX; 4];
            let block = NonNull::from(&mut memory).cast::<u8>();
            write(block, size, 32);
            assert!(is_whole(block, size, 32));
            let bytes = memory.map(u64::to_ne_bytes);
            assert!(
                bytes.as_flattened()[..size]
                    .iter()
                    .all(|&byte| byte == u8::MAX)
            );
        }
    }
}
