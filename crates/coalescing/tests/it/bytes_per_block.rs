//! What a request costs.

use crate::common::{Strict, filled, take};
use core_api::Fixed;

/// Bytes from one block of `size` to the next.
fn cost<const GRANULE: usize>(size: usize) -> usize {
    let mut heap: Strict<_, GRANULE> = Strict::new(
        // SAFETY: the region is handed out for this heap alone.
        unsafe { Fixed::new(filled(1 << 16, 0)) },
    );
    let first = take(&mut heap, size).expect("room");
    let second = take(&mut heap, size).expect("room");
    second.addr().get() - first.addr().get()
}

#[test]
fn granule_8() {
    let table = [
        (0, 16),
        (1, 16),
        (8, 16),
        (12, 16),
        (13, 24),
        (16, 24),
        (24, 32),
        (32, 40),
        (40, 48),
        (64, 72),
        (100, 104),
        (256, 264),
        (1000, 1008),
    ];
    for (size, bytes) in table {
        assert_eq!(cost::<8>(size), bytes, "a request of {size}");
    }
    for size in 0..2000_usize {
        let expected = (size + 4).next_multiple_of(8).max(16);
        assert_eq!(cost::<8>(size), expected, "a request of {size}");
    }
}

#[test]
fn granule_16() {
    for size in 0..2000_usize {
        let expected = (size + 4).next_multiple_of(16);
        assert_eq!(cost::<16>(size), expected, "a request of {size}");
    }
}
