//! Address arithmetic, regions and sources: compared with the obvious slow way.

use core::mem::MaybeUninit;
use core::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

use core_api::align::{checked_round_up, is_aligned, padding, round_down, round_up};
use core_api::{Borrowed, Fixed, Growth, Region, Source, StaticHeap};
use proptest::prelude::*;

/// The first multiple of `align` from `value` on, by arithmetic that cannot overflow.
fn next_multiple(value: usize, align: usize) -> u128 {
    (value as u128).div_ceil(align as u128) * align as u128
}

/// Values of all magnitudes, with both ends.
fn values() -> impl Strategy<Value = usize> {
    prop_oneof![
        0..10_000_usize,
        any::<usize>(),
        (usize::MAX - 10_000)..=usize::MAX
    ]
}

fn aligns() -> impl Strategy<Value = usize> {
    (0..usize::BITS).prop_map(|log2| 1 << log2)
}

proptest! {
    #[test]
    fn rounding_up_is_the_next_multiple(value in values(), align in aligns()) {
        let expected = usize::try_from(next_multiple(value, align)).ok();
        prop_assert_eq!(checked_round_up(value, align), expected);
        if let Some(expected) = expected {
            prop_assert_eq!(padding(value, align), expected - value);
            prop_assert_eq!(is_aligned(value, align), expected == value);
        }
        if value <= usize::MAX - (align - 1) {
            prop_assert_eq!(Some(round_up(value, align)), expected);
        }
    }

    #[test]
    fn rounding_down_is_the_multiple_before(value in values(), align in aligns()) {
        prop_assert_eq!(round_down(value, align), value / align * align);
    }

    #[test]
    fn a_region_knows_its_addresses(skew in 0..64_usize, len in 0..128_usize, probe in 0..256_usize) {
        let mut bytes = [0_u8; 256];
        let base = NonNull::from(&mut bytes).cast::<u8>();
        let address = base.addr().get() + probe;
        // SAFETY: the region lies inside the array.
        let region = unsafe { Region::new(base.add(skew), len) };
        prop_assert_eq!(region.is_empty(), len == 0);
        prop_assert_eq!(region.end() - region.start(), len);
        prop_assert_eq!(region.contains(address), (skew..skew + len).contains(&probe));
        prop_assert_eq!(region.at(address).addr(), address);
        prop_assert_eq!(region.at_offset(probe).addr(), region.start() + probe);
    }

    #[test]
    fn a_region_is_cut_without_loss(len in 0..128_usize, offset in 0..200_usize) {
        let mut bytes = [0_u8; 128];
        // SAFETY: the region lies inside the array.
        let region = unsafe { Region::new(NonNull::from(&mut bytes).cast(), len) };
        match region.split_at(offset) {
            Some((low, high)) => {
                prop_assert_eq!((low.start(), low.len()), (region.start(), offset));
                prop_assert_eq!((high.start(), high.end()), (low.end(), region.end()));
            }
            None => prop_assert!(offset > len),
        }
    }
}

#[test]
fn a_region_reaches_its_bytes() {
    let mut bytes = [1_u8, 2, 3, 4];
    // SAFETY: the array outlives the region and is not used before the region's last use.
    let region = unsafe { Region::new(NonNull::from(&mut bytes).cast(), 4) };
    // SAFETY: the addresses are those of bytes of the region.
    unsafe {
        region.at(region.start() + 2).write(30);
        region.at_offset(0).write(10);
    }
    assert_eq!(bytes, [10, 2, 30, 4]);
}

#[test]
fn the_empty_region_contains_nothing() {
    assert!(Region::EMPTY.is_empty());
    assert!(!Region::EMPTY.contains(Region::EMPTY.start()));
    assert!(format!("{:?}", Region::EMPTY).starts_with("Region(0x"));
}

#[test]
fn a_borrowed_buffer_is_handed_out_once() {
    let mut buffer = [MaybeUninit::uninit(); 64];
    let mut source = Borrowed::new(&mut buffer);
    assert!(source.acquire(65).is_none(), "more than there is");
    let region = source.acquire(64).expect("all there is");
    assert_eq!(region.len(), 64);
    assert!(source.acquire(0).is_none(), "handed out already");
}

#[test]
fn a_fixed_region_never_grows() {
    let mut bytes = [0_u8; 64];
    // SAFETY: the array outlives the region.
    let region = unsafe { Region::new(NonNull::from(&mut bytes).cast(), 64) };
    // SAFETY: the region is handed out for this heap alone.
    let mut source = unsafe { Fixed::new(region) };
    assert_eq!(source.acquire(1), Some(region));
    assert_eq!(Fixed::GROWTH, Growth::Never);
    assert_eq!(source.granularity(), 1);
    // SAFETY: the source returned the region last, and its end is not used.
    unsafe {
        assert_eq!(source.extend(region, 1), None);
        assert_eq!(source.release_tail(region, 8), region);
        source.release(region);
    }
    assert_eq!(source.acquire(1), None, "it cannot release");
}

#[test]
fn a_static_heap_is_zero_and_starts_at_a_page() {
    static HEAP: StaticHeap<10_000> = StaticHeap::new();
    assert!((&HEAP).acquire(10_001).is_none(), "more than there is");
    let region = (&HEAP).acquire(1).expect("nobody owns it yet");
    assert_eq!((region.start() % 4096, region.len()), (0, 10_000));
    // SAFETY: the offsets are those of bytes of the region.
    assert!((0..10_000).all(|offset| unsafe { region.at_offset(offset).read() } == 0));
}

#[test]
fn a_static_heap_has_one_owner_however_many_ask() {
    static HEAP: StaticHeap<64> = StaticHeap::new();
    let owners = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let got = usize::from((&HEAP).acquire(1).is_some());
                owners.fetch_add(got, Ordering::Relaxed);
            });
        }
    });
    assert_eq!(owners.into_inner(), 1);
}
