//! The README's tables, measured.

use crate::common::{Elastic, Strict, blocks, bytes, give_block, heap, take, take_block};
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
        lowest_bits |= take(&mut heap, size).expect("room").addr().get();
    }
    assert_eq!([1 << lowest_bits.trailing_zeros()], row("alignment")[..]);
    let page = Layout::from_size_align(1, 4096).expect("a valid layout");
    let block = heap.allocate(page).expect("room");
    assert_eq!(block.addr().get() % 4096, 0);
}

#[test]
fn header_bytes_and_smallest_block() {
    let mut heap = heap(1 << 16);
    take(&mut heap, 0).expect("room");
    let before = heap.stats();
    take(&mut heap, 1).expect("room");
    let after = heap.stats();
    let overhead = after.overhead - before.overhead;
    assert_eq!([overhead], row("header bytes")[..]);
    assert_eq!(
        [after.used - before.used + overhead],
        row("smallest block")[..]
    );
}

#[test]
fn worst_internal_waste() {
    let mut heap = heap(1 << 20);
    let mut waste = |size| heap.allocate(bytes(size)).expect("room").len() - size;
    let below_smallest = (0..=12).map(&mut waste).max();
    let above = (13..1000).map(&mut waste).max();
    assert_eq!(
        [above, below_smallest].map(Option::unwrap_or_default),
        row("worst internal waste")[..]
    );
}

/// How deep in a list of its bin a block may be hidden and is still found.
#[test]
fn cost_of_allocate() {
    let finds = |depth: usize| {
        let mut heap = heap(1 << 20);
        let poor: Vec<_> = (1..depth)
            .map(|_| {
                let block = take_block(&mut heap, 8192);
                take_block(&mut heap, 16);
                block
            })
            .collect();
        let good = take_block(&mut heap, 8440);
        take_block(&mut heap, 16);
        let rest = heap.top_len();
        take_block(&mut heap, rest);
        poor.into_iter()
            .for_each(|block| give_block(&mut heap, block, 8192));
        give_block(&mut heap, good, 8440);
        take(&mut heap, 8400).is_some()
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
    let all: Vec<_> = (0..6).map(|_| take_block(&mut heap, 32)).collect();
    let before = heap.stats().n_free;
    for index in [0, 2, 4] {
        give_block(&mut heap, all[index], 32);
    }
    let apart = heap.stats().n_free;
    assert_eq!(apart, before + 3);
    give_block(&mut heap, all[1], 32);
    let merged = apart - heap.stats().n_free + 1;
    assert_eq!([1, merged], row("cost of free")[..]);
    assert!(blocks(&heap).starts_with("free 96, used 32, free 32"));
}

#[test]
fn cannot_give_memory_back_by_itself() {
    let [used, kept] = row("what it cannot do")[..] else {
        panic!("the row has two numbers");
    };
    let mut heap: Strict<_> = Strict::new(Elastic::new(4 << 20));
    let all: Vec<_> = (0..used).map(|_| take_block(&mut heap, 1024)).collect();
    all.into_iter()
        .for_each(|block| give_block(&mut heap, block, 1024));
    assert!(heap.source().len() >= kept << 10);
    assert!(heap.trim(0) >= kept << 10, "not by itself");
}

#[test]
fn bytes_of_heap() {
    let pairs = row("requested").into_iter().zip(row("bytes of heap"));
    for (size, cost) in pairs {
        let mut heap = heap(1 << 16);
        let top = take(&mut heap, 1).map(|_| heap.top_len()).expect("room");
        take(&mut heap, size).expect("room");
        assert_eq!(top - heap.top_len(), cost, "a request of {size}");
    }
    assert_eq!(row("requested").len(), row("bytes of heap").len());
}
