//! The split threshold, and resizing, which cuts and joins by the same rule.

use core::ptr::NonNull;

use crate::common::{block_layout, free_sizes, heap_with_holes, region, take};
use core_api::{Allocator, Fixed, Inspect};
use fit_strategies::{BestFit, FirstFit, FitHeap, Lifo, MIN_BLOCK, SPLIT_THRESHOLD};

fn with_threshold(len: usize, threshold: usize) -> FitHeap<Fixed, BestFit, Lifo> {
    FitHeap::with_split_threshold(
        // SAFETY: the region is handed out for this heap alone.
        unsafe { Fixed::new(region(len)) },
        threshold,
    )
}

#[test]
fn a_remainder_below_the_threshold_stays_with_the_block() {
    for threshold in [16, 24, 32, 64, 128] {
        let mut heap = with_threshold(1000 + threshold - 8, threshold);
        let block = heap.allocate(block_layout(1000)).expect("room");
        assert_eq!(block.len(), 1000 + threshold - 8 - 8, "handed out whole");
        assert_eq!(free_sizes(&heap), []);
    }
}

#[test]
fn a_remainder_of_the_threshold_becomes_a_free_block() {
    for threshold in [16, 24, 32, 64, 128] {
        let mut heap = with_threshold(1000 + threshold, threshold);
        let block = heap.allocate(block_layout(1000)).expect("room");
        assert_eq!(block.len(), 1000 - 8);
        assert_eq!(free_sizes(&heap), [threshold]);
    }
}

#[test]
fn no_threshold_makes_a_block_too_small() {
    let mut heap = with_threshold(1008, 0);
    assert_eq!(heap.split_threshold(), MIN_BLOCK);
    assert!(take(&mut heap, 1000).is_some());
    assert_eq!(free_sizes(&heap), [], "8 bytes make no block");
    assert_eq!(heap.check(), Ok(()));
    let standard = FitHeap::<Fixed, BestFit>::new(
        // SAFETY: the region is handed out for this heap alone.
        unsafe { Fixed::new(region(64)) },
    );
    assert_eq!(standard.split_threshold(), SPLIT_THRESHOLD);
}

/// Resizes to a block of `to` bytes, header included; returns the size it got, or `None`.
fn resize(heap: &mut impl Allocator, block: NonNull<u8>, from: usize, to: usize) -> Option<usize> {
    // SAFETY: the tests resize live blocks of `from` bytes.
    let resized = unsafe { heap.resize_in_place(block, block_layout(from), to - 8) };
    resized.ok().map(|resized| resized.len() + 8)
}

#[test]
fn shrinking_gives_back_what_makes_a_block() {
    let mut heap = with_threshold(512, 32);
    let block = take(&mut heap, 512).expect("room");
    assert_eq!(
        resize(&mut heap, block, 512, 488),
        Some(512),
        "24 bytes stay"
    );
    assert_eq!(resize(&mut heap, block, 512, 480), Some(480));
    assert_eq!(free_sizes(&heap), [32]);
    assert_eq!(heap.check(), Ok(()));
}

#[test]
fn growing_takes_the_free_block_behind() {
    let mut heap = heap_with_holes::<FirstFit, Lifo>(&[64, 256, 64]);
    let block = take(&mut heap, 80).expect("the hole of 256 has room");
    assert_eq!(free_sizes(&heap), [64, 176, 64]);
    assert_eq!(resize(&mut heap, block, 80, 200), Some(200));
    assert_eq!(free_sizes(&heap), [64, 56, 64]);
    assert_eq!(
        resize(&mut heap, block, 200, 248),
        Some(256),
        "8 bytes make no block"
    );
    assert_eq!(free_sizes(&heap), [64, 64]);
    assert_eq!(
        resize(&mut heap, block, 256, 264),
        None,
        "a used block follows"
    );
    assert_eq!(heap.check(), Ok(()));
}

#[test]
fn growing_moves_the_rover_off_the_block_it_takes() {
    let mut heap = heap_with_holes::<fit_strategies::NextFit, Lifo>(&[64, 256]);
    let front = take(&mut heap, 48).expect("the first hole");
    let block = take(&mut heap, 80).expect("the second hole");
    assert!(
        resize(&mut heap, front, 48, 64).is_some(),
        "takes the remainder that is the rover"
    );
    assert_eq!(heap.check(), Ok(()));
    assert!(resize(&mut heap, block, 80, 256).is_some());
    assert_eq!(free_sizes(&heap), []);
    assert_eq!(heap.check(), Ok(()));
}
