//! The README's tables, measured.

use crate::common::{blocks_and_top, bytes, give, heap, take};
use core::alloc::Layout;
use core_api::testing::readme_numbers;
use core_api::{Allocator, Inspect};

const README: &str = include_str!("../../README.md");

/// The numbers in the table row called `name`, in order.
fn row(name: &str) -> Vec<usize> {
    readme_numbers(README, name)
}

#[test]
fn alignment() {
    let mut heap = heap(1 << 16);
    let mut lowest_bits = 0;
    for size in 1..100 {
        lowest_bits |= take(&mut heap, size).addr().get();
    }
    assert_eq!([1 << lowest_bits.trailing_zeros()], row("alignment")[..]);
    let page = Layout::from_size_align(1, 4096).expect("a valid layout");
    let block = heap.allocate(page).expect("room");
    assert_eq!(block.addr().get() % 4096, 0);
}

#[test]
fn header_bytes_and_smallest_block() {
    let mut heap = heap(1 << 20);
    let first = take(&mut heap, 24).addr().get();
    let second = take(&mut heap, 1).addr().get();
    let third = take(&mut heap, 1).addr().get();
    let stats = heap.stats();
    // The heads and the last granule of the region are few beside the bits.
    let in_16 = (stats.heap / stats.overhead) as f64 / 128.0;
    assert!((0.5..1.0).contains(&in_16), "{in_16}");
    assert_eq!(row("header bytes")[..3], [second - first - 24, 16, 0]);
    assert_eq!(row("smallest block"), [third - second]);
}

#[test]
fn worst_internal_waste() {
    let mut heap = heap(1 << 20);
    let mut waste = |size| heap.allocate(bytes(size)).expect("room").len() - size;
    let below_smallest = (0..=16).map(&mut waste).max();
    let above = (17..1000).map(&mut waste).max();
    assert_eq!(
        [above, below_smallest].map(Option::unwrap_or_default),
        row("worst internal waste")[..]
    );
}

/// Measures how deep in its bin's list a block can lie so that a request still finds it.
#[test]
fn cost_of_allocate() {
    let finds = |depth: usize| {
        let mut heap = heap(1 << 20);
        let pair = |heap: &mut _, size| {
            let block = take(heap, size);
            take(heap, 16);
            block
        };
        let poor: Vec<_> = (1..depth).map(|_| pair(&mut heap, 8192)).collect();
        let good = pair(&mut heap, 8440);
        let rest = heap.top_len();
        take(&mut heap, rest);
        poor.into_iter()
            .for_each(|block| give(&mut heap, block, 8192));
        give(&mut heap, good, 8440);
        heap.allocate(bytes(8400)).is_ok()
    };
    let deepest = (1..40).take_while(|&depth| finds(depth)).last();
    let [order, probes] = row("cost of allocate")[..] else {
        panic!("the row has two numbers");
    };
    assert_eq!((order, deepest), (1, Some(probes)));
}

#[test]
fn cost_of_free() {
    let mut heap = heap(4096);
    let all: Vec<_> = (0..6).map(|_| take(&mut heap, 32)).collect();
    let before = heap.stats().n_free;
    for index in [0, 2, 4] {
        give(&mut heap, all[index], 32);
    }
    let apart = heap.stats().n_free;
    assert_eq!(apart, before + 3);
    give(&mut heap, all[1], 32);
    let merged = apart - heap.stats().n_free + 1;
    assert_eq!([1, merged], row("cost of free")[..]);
}

#[test]
fn cannot_tell_used_blocks_apart() {
    let [n_used, n_seen] = row("what it cannot do")[..] else {
        panic!("the row has two numbers");
    };
    let mut heap = heap(4096);
    for _ in 0..n_used {
        take(&mut heap, 32);
    }
    assert_eq!(heap.stats().n_used, n_seen);
    assert_eq!(blocks_and_top(&heap), format!("used {}, top", n_used * 32));
}

#[test]
fn bytes_of_heap() {
    let pairs = row("requested").into_iter().zip(row("bytes of heap"));
    for (size, cost) in pairs {
        let mut heap = heap(1 << 16);
        take(&mut heap, 1);
        let top = heap.top_len();
        take(&mut heap, size);
        assert_eq!(top - heap.top_len(), cost, "a request of {size}");
    }
    assert_eq!(row("requested").len(), row("bytes of heap").len());
}
