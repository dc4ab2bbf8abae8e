//! The promises of `Allocator`, kept by both granules and both times of merging.

use crate::common::{Parts, Strict};
use coalescing::CoalescingHeap;
use core_api::checks::{self, Tier};
use core_api::testing::Contract;
use core_api::{Checked, Fixed, Region};

#[test]
fn granule_8() {
    Contract::new("coalescing", |region: Region| {
        CoalescingHeap::<Fixed, 8>::new(
            // SAFETY: the region is handed out for this heap alone.
            unsafe { Fixed::new(region) },
        )
    })
    .inspected()
    .sizeless()
    .run();
}

#[test]
fn granule_16() {
    Contract::new("coalescing, granule 16", |region: Region| {
        CoalescingHeap::<Fixed, 16>::new(
            // SAFETY: the region is handed out for this heap alone.
            unsafe { Fixed::new(region) },
        )
    })
    .inspected()
    .sizeless()
    .run();
}

fn with_tier<T: Tier>(name: &str) {
    Contract::new(name, |region: Region| {
        // SAFETY: the region is handed out for this heap alone.
        let source = unsafe { Fixed::new(region) };
        Checked::<CoalescingHeap<Fixed>, T>::new(CoalescingHeap::new(source))
    })
    .inspected()
    .sizeless()
    .run();
}

#[test]
fn checked_in_full() {
    with_tier::<checks::Full>("coalescing, full checks");
}

#[test]
fn not_checked() {
    with_tier::<checks::None>("coalescing, no checks");
}

#[test]
fn immediate() {
    Contract::new("coalescing, immediate", |region: Region| {
        Strict::<Fixed>::new(
            // SAFETY: the region is handed out for this heap alone.
            unsafe { Fixed::new(region) },
        )
    })
    .inspected()
    .sizeless()
    .run();
}

/// The code that heaps with several regions and with fresh memory run through.
#[test]
fn regions_of_zeros() {
    Contract::new("coalescing, regions of zeros", |region: Region| {
        // SAFETY: the region is the exclusive right to its bytes.
        unsafe { region.base().write_bytes(0, region.len()) };
        CoalescingHeap::<Parts<true>>::new(Parts::new(vec![region]))
    })
    .heap_len(1 << 20)
    // The heads of all bins leave nothing of regions as short as there.
    .without("odd regions")
    .without("recovery after random programs")
    .inspected()
    .sizeless()
    .run();
}
