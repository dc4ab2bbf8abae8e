//! The README's table, measured.

use core::alloc::Layout;

use crate::common::{free_sizes, give, heap, region, take};
use core_api::testing::readme_numbers;
use core_api::{Allocator, Fixed, Inspect};
use fit_strategies::{BestFit, Counting, FitHeap, Lifo, WorstFit};

const README: &str = include_str!("../../README.md");

/// The numbers in the table row called `name`, in order.
fn row(name: &str) -> Vec<usize> {
    readme_numbers(README, name)
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).expect("a valid layout")
}

fn standard(len: usize) -> FitHeap<Fixed, BestFit> {
    FitHeap::new(
        // SAFETY: the region is handed out for this heap alone.
        unsafe { Fixed::new(region(len)) },
    )
}

#[test]
fn alignment() {
    let mut heap = standard(1 << 16);
    let mut lowest_bits = 0;
    for size in 1..100 {
        lowest_bits |= heap.allocate(layout(size, 1)).expect("room").addr().get();
    }
    assert_eq!([1 << lowest_bits.trailing_zeros()], row("alignment")[..]);
    let block = heap.allocate(layout(1, 4096)).expect("room");
    assert_eq!(block.addr().get() % 4096, 0);
}

#[test]
fn header_bytes_and_smallest_block() {
    let mut heap = standard(1 << 16);
    heap.allocate(layout(0, 1)).expect("room");
    let block = heap.allocate(layout(1, 1)).expect("room");
    let stats = heap.stats();
    assert_eq!([stats.overhead / stats.n_used], row("header bytes")[..]);
    assert_eq!(
        [(stats.used + stats.overhead) / 2],
        row("smallest block")[..]
    );
    assert_eq!(
        [block.len() + row("header bytes")[0]],
        row("smallest block")[..]
    );
}

/// The largest slack over all requests and all sizes of the only hole.
#[test]
fn worst_internal_waste() {
    let waste = |hole: usize, size: usize| {
        let block = standard(hole).allocate(layout(size, 1));
        block.map_or(0, |block| block.len() - size)
    };
    let all = (16..400)
        .step_by(8)
        .flat_map(|hole| (1..300).map(move |size| (hole, size)));
    let worst = all.map(|(hole, size)| waste(hole, size)).max();
    let [slack, below_threshold] = row("worst internal waste")[..] else {
        panic!("the row has two numbers");
    };
    assert_eq!(worst, Some(slack));
    assert_eq!(slack, fit_strategies::SPLIT_THRESHOLD - below_threshold);
}

#[test]
fn worst_fit_looks_at_every_free_block() {
    const N: usize = 100;
    let mut heap = crate::common::heap_with_holes::<Counting<WorstFit>, Lifo>(&[64; N]);
    let before = heap.policy().probes();
    assert!(take(&mut heap, 64).is_some());
    let probes = (heap.policy().probes() - before) as usize;
    assert_eq!([probes * 100 / N], row("cost of allocate")[..]);
}

#[test]
fn free_is_constant_in_lifo_order() {
    let mut heap = crate::common::heap_with_holes::<BestFit, Lifo>(&[64; 100]);
    let block = take(&mut heap, 64).expect("a hole");
    give(&mut heap, block, 64);
    let again = take(&mut heap, 64);
    assert_eq!(
        again,
        Some(block),
        "the block freed last is the first that a search sees"
    );
    assert_eq!(row("cost of free")[0], 1);
}

#[test]
fn cannot_merge_as_it_frees() {
    let [freed, left] = row("what it cannot do")[..] else {
        panic!("the row has two numbers");
    };
    let mut heap = heap::<BestFit, Lifo>(freed * 32);
    let blocks: Vec<_> = (0..freed)
        .map(|_| take(&mut heap, 32).expect("room"))
        .collect();
    blocks
        .into_iter()
        .for_each(|block| give(&mut heap, block, 32));
    assert_eq!(free_sizes(&heap).len(), left);
    assert!(take(&mut heap, freed * 32).is_some());
}
