//! The key that encodes links, so that an attacker can neither forge a link nor read an address from one.

use core::ptr::NonNull;

use crate::primitive::{AtomicUsize, Ordering};

/// The process's secret; 0 before there is one, and then there are no links.
static KEY: AtomicUsize = AtomicUsize::new(0);

/// An odd number without pattern.
const SPREAD: usize = 0x9e37_79b9_7f4a_7c15_u64 as usize;

/// Makes the secret, once: links that exist must stay readable.
pub(crate) fn make() {
    if KEY.load(Ordering::Relaxed) == 0 {
        let fresh = os::random() as usize | 1;
        // If two threads come at once, the first one wins.
        let _ = KEY.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// What a block's link is combined with: another value for each block.
#[inline]
pub(crate) fn mask(block: NonNull<u8>) -> usize {
    let key = KEY.load(Ordering::Relaxed);
    (block.addr().get() ^ key).wrapping_mul(SPREAD) ^ key.rotate_left(32)
}
