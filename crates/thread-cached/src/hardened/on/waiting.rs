//! The bytes of a block that was freed and waits: the first word is marked, the last is the canary's, and with all checks
//! those between are zero.
//!
//! ```text
//!   ┌──────┬───────────────────────┬────────┐
//!   │ mark │ 0 0 0 …         … 0 0 │ canary │     one slot, of 32 bytes at least
//!   └──────┴───────────────────────┴────────┘
//! ```

use core::ptr::NonNull;

use core_api::{Misuse, fatal};

use super::canary;
use super::key::mask;
use super::states::State;

const WORD: usize = size_of::<u64>();

/// Slots up to this are cleared and compared without a call or a loop.
const SHORT: usize = 256;

/// Marks the first word of a block that waits: with what it would be combined with as a link.
#[inline]
pub(crate) fn mark_first(block: NonNull<u8>) {
    // SAFETY: the block is free (I3), and has a word at a multiple of 8.
    unsafe { block.cast().write(mask(block)) };
}

#[inline]
fn has_mark(block: NonNull<u8>) -> bool {
    // SAFETY: as in `mark_first`; a correct program does not write to it.
    unsafe { block.cast::<usize>().read() == mask(block) }
}

/// Ends the process if the first word of a block that waits was written to.
#[inline]
pub(crate) fn check_first(block: NonNull<u8>) {
    if !has_mark(block) {
        fatal(Misuse::WrittenWhileFree);
    }
}

/// Checks the first word of a block that waits, as [`check_first`] does, and makes it a link.
#[inline]
pub(crate) fn link_first(block: NonNull<u8>, next: *mut u8) {
    let (first, mask) = (block.cast::<usize>(), mask(block));
    // SAFETY: as in `mark_first`; as a link, the word is combined with the mask.
    unsafe {
        if first.read() != mask {
            fatal(Misuse::WrittenWhileFree);
        }
        block
            .cast::<*mut u8>()
            .write(next.map_addr(|address| address ^ mask));
    }
}

/// Marks the first word of a block that was listed, and returns the link that it was.
///
/// # Safety
///
/// The block is free and linked.
#[inline]
pub(crate) unsafe fn unlink_first(block: NonNull<u8>) -> *mut u8 {
    let mask = mask(block);
    // SAFETY: by the caller's promise the word is a link, which is combined with the mask.
    unsafe {
        let stored = block.cast::<*mut u8>().read();
        block.cast().write(mask);
        stored.map_addr(|address| address ^ mask)
    }
}

/// How a block is cleared that was freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clearing {
    /// Not at all.
    None,
    /// Without a call: its slot is [short](is_short).
    Short,
    /// By a call, if its slot is long.
    Any,
}

/// Leaves a slot of the calling thread's heap whose block was freed: without the block's bytes, if they are to be
/// cleared, and with the canary.
#[inline(always)]
pub(crate) fn leave(block: NonNull<u8>, slot: usize, clearing: Clearing) {
    clear(block, slot, clearing);
    canary::write_last(block, slot);
}

/// Does the same for a slot of another heap, whose owner may look at the slot's last byte meanwhile.
#[inline(always)]
pub(crate) fn leave_remote(block: NonNull<u8>, slot: usize, clearing: Clearing) {
    clear(block, slot, clearing);
    canary::restore_last(block, slot);
}

/// Clears a slot up to its last word, which the canary takes.
#[inline(always)]
fn clear(block: NonNull<u8>, slot: usize, clearing: Clearing) {
    match clearing {
        Clearing::None => {}
        Clearing::Any if !is_short(slot) => {
            // SAFETY: as in `clear_short`.
            unsafe { block.write_bytes(0, slot - WORD) };
        }
        Clearing::Short | Clearing::Any => clear_short(block, slot),
    }
}

/// Takes a block that waits, as [`take`] does, without a call. Returns `false` if none does, if a byte that is known was
/// written to, or if it was cleared and is long to compare.
#[inline(always)]
pub(crate) fn take_at_hand(block: NonNull<u8>, state: State, slot: usize) -> bool {
    let Some(is_cleared) = state.freed() else {
        return false;
    };
    let is_whole = has_mark(block)
        && canary::has_last(block, slot)
        && (!is_cleared || is_short(slot) && is_zero(block, slot));
    if is_whole {
        forget_mark(block);
    }
    is_whole
}

#[inline]
fn forget_mark(block: NonNull<u8>) {
    // SAFETY: the block is free (I3) and has a word; the mark in it is nothing for the program.
    unsafe { block.cast::<u64>().write(0) };
}

/// Takes a block that waits, and forgets its mark. Ends the process if it is live, or if a byte that is known was written
/// to.
#[inline(always)]
pub(crate) fn take(block: NonNull<u8>, state: State, slot: usize) {
    let Some(is_cleared) = state.freed() else {
        fatal(Misuse::WrittenWhileFree)
    };
    let ends_are_whole = has_mark(block) && canary::has_last(block, slot);
    if !ends_are_whole || is_cleared && !is_zero(block, slot) {
        fatal(Misuse::WrittenWhileFree);
    }
    forget_mark(block);
}

/// Whether a slot is cleared and compared without a call.
#[inline]
pub(crate) const fn is_short(slot: usize) -> bool {
    slot <= SHORT
}

/// Clears a short slot up to its last word.
#[inline(always)]
fn clear_short(block: NonNull<u8>, slot: usize) {
    debug_assert!((32..=SHORT).contains(&slot) && slot.is_multiple_of(16));
    // SAFETY: the slot has so many bytes at a multiple of 16, and its user has given them up.
    unsafe {
        match slot {
            0..=48 => clear_ends::<24>(block, slot - WORD),
            49..=72 => clear_ends::<32>(block, slot - WORD),
            73..=136 => clear_ends::<64>(block, slot - WORD),
            _ => clear_ends::<128>(block, slot - WORD),
        }
    }
}

/// Clears the first and the last bytes of `len`, which may overlap.
///
/// # Safety
///
/// The slot has so many.
#[inline]
unsafe fn clear_ends<const LEN: usize>(block: NonNull<u8>, len: usize) {
    for from in [0, len - LEN] {
        // SAFETY: the caller's promise.
        unsafe { block.add(from).cast::<[u8; LEN]>().write([0; LEN]) };
    }
}

/// Sixteen bytes.
#[repr(align(16))]
struct Line([u64; 2]);

/// Lines that are compared at once.
const AT_ONCE: usize = 8;

/// The bits that are set anywhere in some lines.
///
/// # Safety
///
/// They are readable.
#[inline(never)]
unsafe fn all_bits(lines: NonNull<Line>, n: usize) -> u64 {
    let any = |Line([first, second]): Line| first | second;
    let mut bits = 0;
    let long = n - n % AT_ONCE;
    // SAFETY: the caller's promise, for all of them.
    unsafe {
        for at in (0..long).step_by(AT_ONCE) {
            let lines = lines.add(at).cast::<[Line; AT_ONCE]>().read();
            bits |= lines.into_iter().fold(0, |bits, line| bits | any(line));
        }
        for at in long..n {
            bits |= any(lines.add(at).read());
        }
    }
    bits
}

/// The bits that are set anywhere in the first and the last words of a slot between its ends. They may overlap.
///
/// # Safety
///
/// The slot has so many and is readable.
#[inline(always)]
unsafe fn bits_of_ends<const WORDS: usize>(block: NonNull<u8>, slot: usize) -> u64 {
    let any = |from| {
        // SAFETY: the caller's promise.
        let words = unsafe { block.add(from).cast::<[u64; WORDS]>().read() };
        words.into_iter().fold(0, |bits, word| bits | word)
    };
    any(WORD) | any(slot - WORD - WORDS * WORD)
}

/// Whether a slot's bytes are zero, but for the first and the last word.
#[inline(always)]
fn is_zero(block: NonNull<u8>, slot: usize) -> bool {
    // SAFETY: as in `clear_short`; a correct program does not write to them.
    let bits = unsafe {
        match slot {
            0..=32 => bits_of_ends::<2>(block, slot),
            33..=80 => bits_of_ends::<4>(block, slot),
            81..=144 => bits_of_ends::<8>(block, slot),
            145..=SHORT => bits_of_ends::<16>(block, slot),
            _ => {
                let lines = block.add(2 * WORD).cast();
                bits_of_ends::<1>(block, slot)
                    | all_bits(lines, (slot - 4 * WORD) / size_of::<Line>())
            }
        }
    };
    bits == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of the largest slot tried.
    const WORDS: usize = 64;

    #[test]
    fn each_byte_between_the_first_and_the_last_word_is_compared() {
        for slot in (4..=WORDS).step_by(2).map(|words| words * WORD) {
            let mut memory = [const { Line([0; 2]) }; WORDS / 2];
            let block = NonNull::from(&mut memory).cast::<u8>();
            assert!(is_zero(block, slot));
            for at in 0..slot {
                let is_between = (WORD..slot - WORD).contains(&at);
                // SAFETY: the slot has this byte.
                unsafe {
                    block.add(at).write(1);
                    assert_eq!(is_zero(block, slot), !is_between, "{at} of {slot}");
                    block.add(at).write(0);
                }
            }
        }
    }

    #[test]
    fn a_short_slot_is_cleared_up_to_its_last_word() {
        for slot in (32..=SHORT).step_by(16) {
            let mut memory = [u64::MAX; SHORT / WORD + 2];
            clear_short(NonNull::from(&mut memory).cast(), slot);
            let (cleared, rest) = memory.split_at(slot / WORD - 1);
            assert!(cleared.iter().all(|word| *word == 0), "{slot}");
            assert!(rest.iter().all(|word| *word == u64::MAX), "{slot}");
        }
    }

    #[test]
    fn a_link_becomes_a_mark_and_a_mark_a_link() {
        super::super::prepare();
        let mut memory = [[0_u64; 2]; 4];
        let block = NonNull::from(&mut memory).cast::<u8>();
        mark_first(block);
        link_first(block, block.as_ptr());
        assert!(!has_mark(block));
        // SAFETY: it was linked just now.
        assert_eq!(unsafe { unlink_first(block) }, block.as_ptr());
        assert!(has_mark(block));
    }
}
