//! The sweep: when it runs, what it merges, what it leaves.

use core::ptr::NonNull;

use crate::common::{blocks, free_sizes, give, heap, take};
use core_api::{Allocator, Fixed, Inspect};
use fit_strategies::{
    AddressOrder, BestFit, Counting, FirstFit, Fit, FitHeap, Lifo, NextFit, Order, WorstFit,
};

const N: usize = 64;

/// A heap full of `N` blocks of 32 bytes.
fn full<P: Fit, O: Order>() -> (FitHeap<Fixed, P, O>, Vec<NonNull<u8>>) {
    let mut heap = heap(N * 32);
    let taken = (0..N).map(|_| take(&mut heap, 32).expect("room")).collect();
    (heap, taken)
}

#[test]
fn freed_neighbours_stay_apart_until_a_request_fails() {
    let (mut heap, taken) = full::<FirstFit, Lifo>();
    for &block in &taken[10..20] {
        give(&mut heap, block, 32);
    }
    assert_eq!(free_sizes(&heap), [32; 10]);
    assert_eq!(
        take(&mut heap, 320),
        Some(taken[10]),
        "one sweep makes the room"
    );
    assert_eq!(free_sizes(&heap), []);
    assert_eq!(heap.check(), Ok(()));
}

#[test]
fn runs_only_with_enough_free_bytes() {
    let (mut heap, taken) = full::<Counting<FirstFit>, Lifo>();
    for &block in &taken[10..20] {
        give(&mut heap, block, 32);
    }
    assert_eq!(take(&mut heap, 328), None);
    assert_eq!(
        free_sizes(&heap),
        [32; 10],
        "328 bytes of 320 are out of reach: no sweep"
    );
    assert_eq!(
        heap.policy().searches(),
        N as u64 + 2,
        "the first acquired the region"
    );
}

#[test]
fn used_blocks_separate_what_it_merges() {
    let (mut heap, taken) = full::<BestFit, Lifo>();
    for (index, &block) in taken.iter().enumerate() {
        if index % 4 != 3 {
            give(&mut heap, block, 32);
        }
    }
    let used_before = heap.stats().used;
    heap.sweep();
    assert_eq!(free_sizes(&heap), [96; N / 4]);
    assert_eq!(heap.stats().used, used_before);
    assert_eq!(heap.check(), Ok(()));
}

#[test]
fn rebuilds_the_list_in_address_order() {
    let (mut heap, taken) = full::<FirstFit, Lifo>();
    for &block in taken.iter().step_by(2) {
        give(&mut heap, block, 32);
    }
    heap.sweep();
    for &block in taken.iter().step_by(2) {
        assert_eq!(
            take(&mut heap, 32),
            Some(block),
            "the lowest free block comes first"
        );
    }
}

/// Frees in an order that leaves neighbours apart, then asks for everything at once.
fn everything_comes_back<P: Fit, O: Order>() {
    let (mut heap, taken) = full::<P, O>();
    for start in 0..3 {
        for &block in taken.iter().skip(start).step_by(3) {
            give(&mut heap, block, 32);
        }
    }
    assert_eq!(blocks(&heap).len(), N);
    assert!(take(&mut heap, N * 32).is_some());
    assert_eq!(heap.free_bytes(), 0);
    assert_eq!(heap.check(), Ok(()));
}

#[test]
fn after_the_last_free_one_maximal_allocation_succeeds() {
    everything_comes_back::<FirstFit, AddressOrder>();
    everything_comes_back::<FirstFit, Lifo>();
    everything_comes_back::<NextFit, AddressOrder>();
    everything_comes_back::<NextFit, Lifo>();
    everything_comes_back::<BestFit, AddressOrder>();
    everything_comes_back::<BestFit, Lifo>();
    everything_comes_back::<WorstFit, AddressOrder>();
    everything_comes_back::<WorstFit, Lifo>();
}

#[test]
fn alignment_padding_comes_back() {
    let mut heap = heap::<FirstFit, Lifo>(16 << 10);
    let layout = std::alloc::Layout::from_size_align(100, 1024).expect("a valid layout");
    let aligned: Vec<NonNull<u8>> =
        std::iter::from_fn(|| heap.allocate(layout).ok().map(NonNull::cast)).collect();
    assert_eq!(
        aligned.len(),
        15,
        "one at each multiple of 1024 that has room for a header"
    );
    let used = aligned.len() * 112;
    assert_eq!(
        heap.free_bytes(),
        (16 << 10) - used,
        "all padding can be allocated"
    );
    assert!(take(&mut heap, 800).is_some());
    for block in aligned {
        // SAFETY: allocated with this layout and not used again.
        unsafe { heap.deallocate(block, layout) };
    }
    assert_eq!(heap.free_bytes(), (16 << 10) - 800);
}
