//! Blocks of size 0: addresses in pages that fault on access. Each live block has its own.

use core::ptr::{NonNull, null_mut};

use core_api::{Misuse, fatal};

use super::reserved::reserved;
use crate::primitive::{AtomicPtr, AtomicU32, AtomicU64, Ordering};

/// Distance of two blocks.
const STEP: usize = 16;

/// Blocks of a word of the map.
const OF_WORD: usize = 64;

const N_WORDS: usize = 4096;

/// Bytes of the addresses.
const LEN: usize = N_WORDS * OF_WORD * STEP;

/// The addresses, null before the first block.
static BASE: AtomicPtr<u8> = AtomicPtr::new(null_mut());

/// A bit for each live block.
static LIVE: [AtomicU64; N_WORDS] = [const { AtomicU64::new(0) }; N_WORDS];

/// The word where the search for an address begins: those freed last come last.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Allocates a block of size 0; `None` if all addresses are taken, or if there are none.
pub(crate) fn allocate() -> Option<NonNull<u8>> {
    let base = reserved(&BASE, LEN, || ())?;
    let first = NEXT.load(Ordering::Relaxed) as usize;
    for word in (first..N_WORDS).chain(0..first) {
        let free = !LIVE[word].load(Ordering::Relaxed);
        if free == 0 {
            continue;
        }
        let bit = free.trailing_zeros() as usize;
        if LIVE[word].fetch_or(1 << bit, Ordering::Relaxed) & (1 << bit) == 0 {
            NEXT.store(((word + 1) % N_WORDS) as u32, Ordering::Relaxed);
            // SAFETY: the offset is below the length.
            return Some(unsafe { base.add((word * OF_WORD + bit) * STEP) });
        }
    }
    None
}

/// Whether there are addresses by now.
pub(crate) fn is_begun() -> bool {
    !BASE.load(Ordering::Relaxed).is_null()
}

/// Whether the address is one of these.
pub(crate) fn has(address: usize) -> bool {
    offset_of(address).is_some()
}

fn offset_of(address: usize) -> Option<usize> {
    let base = BASE.load(Ordering::Acquire);
    let offset = address.wrapping_sub(base.addr());
    (!base.is_null() && offset < LEN).then_some(offset)
}

/// Frees a block; ends the process if none is live at this address.
pub(crate) fn free(address: usize) {
    let Some(offset) = offset_of(address).filter(|offset| offset.is_multiple_of(STEP)) else {
        fatal(Misuse::InteriorPointer)
    };
    let (word, bit) = (offset / STEP / OF_WORD, offset / STEP % OF_WORD);
    if LIVE[word].fetch_and(!(1 << bit), Ordering::Relaxed) & (1 << bit) == 0 {
        fatal(Misuse::DoubleFree);
    }
}
