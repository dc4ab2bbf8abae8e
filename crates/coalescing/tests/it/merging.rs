//! Splitting, merging, and what is left in the end.

use crate::common::{blocks, bytes, give_block, heap, take, take_block};
use core::alloc::Layout;
use core_api::{Allocator, Inspect};

/// Three blocks of 32 bytes between two used ones; `freed` are free when the middle one is freed.
fn free_middle_after(freed: &[usize]) -> String {
    let mut heap = heap(4096);
    let rest = heap.top_len();
    let three: Vec<_> = (0..4).map(|_| take_block(&mut heap, 32)).collect();
    for &index in freed {
        give_block(&mut heap, three[index], 32);
    }
    give_block(&mut heap, three[1], 32);
    heap.check().expect("a sound heap");
    let top = heap.top_len();
    assert!(rest == 0 || top == rest - 128);
    blocks(&heap).replace(&format!("free {top}"), "top")
}

#[test]
fn case_1_both_neighbours_used() {
    assert_eq!(
        free_middle_after(&[]),
        "used 32, free 32, used 32, used 32, top"
    );
}

#[test]
fn case_2_next_free() {
    assert_eq!(free_middle_after(&[2]), "used 32, free 64, used 32, top");
}

#[test]
fn case_3_previous_free() {
    assert_eq!(free_middle_after(&[0]), "free 64, used 32, used 32, top");
}

#[test]
fn case_4_both_free() {
    assert_eq!(free_middle_after(&[0, 2]), "free 96, used 32, top");
}

#[test]
fn a_block_before_the_top_becomes_top() {
    let mut heap = heap(4096);
    let first = take_block(&mut heap, 32);
    let whole = heap.top_len() + 32;
    let second = take_block(&mut heap, 48);
    give_block(&mut heap, first, 32);
    give_block(&mut heap, second, 48);
    assert_eq!(heap.top_len(), whole);
    assert_eq!(blocks(&heap), format!("free {whole}"));
}

#[test]
fn a_hole_is_split_at_its_low_end() {
    let mut heap = heap(4096);
    let hole = take_block(&mut heap, 96);
    take_block(&mut heap, 16);
    give_block(&mut heap, hole, 96);
    assert_eq!(take_block(&mut heap, 40), hole);
    assert!(blocks(&heap).starts_with("used 40, free 56, used 16, free"));
    heap.check().expect("a sound heap");
}

/// Eight bytes have room for a header and a footer, and come back with their neighbours.
#[test]
fn a_rest_of_8_bytes_becomes_a_pad() {
    let mut heap = heap(4096);
    let hole = take_block(&mut heap, 40);
    take_block(&mut heap, 16);
    give_block(&mut heap, hole, 40);
    let block = take_block(&mut heap, 32);
    assert!(blocks(&heap).starts_with("used 32, pad 8, used 16, free"));
    heap.check().expect("a sound heap");
    give_block(&mut heap, block, 32);
    assert!(blocks(&heap).starts_with("free 40, used 16, free"));
    heap.check().expect("a sound heap");
}

#[test]
fn an_exact_hole_is_taken_whole() {
    let mut heap = heap(4096);
    let small = take_block(&mut heap, 48);
    take_block(&mut heap, 16);
    let exact = take_block(&mut heap, 40);
    take_block(&mut heap, 16);
    give_block(&mut heap, exact, 40);
    give_block(&mut heap, small, 48);
    assert_eq!(
        take_block(&mut heap, 40),
        exact,
        "not the larger hole in front"
    );
    assert!(blocks(&heap).starts_with("free 48, used 16, used 40, used 16, free"));
}

#[test]
fn holes_are_used_before_the_top() {
    let mut heap = heap(1 << 16);
    let hole = take_block(&mut heap, 2000);
    take_block(&mut heap, 16);
    give_block(&mut heap, hole, 2000);
    let top = heap.top_len();
    assert_eq!(take_block(&mut heap, 24), hole);
    assert_eq!(heap.top_len(), top);
}

#[test]
fn bytes_in_front_of_an_aligned_block_stay_usable() {
    let mut heap = heap(1 << 16);
    take_block(&mut heap, 16);
    let aligned = Layout::from_size_align(60, 4096).expect("a valid layout");
    let block = heap.allocate(aligned).expect("room").cast::<u8>();
    assert_eq!(block.addr().get() % 4096, 0);
    heap.check().expect("a sound heap");
    let in_front = take_block(&mut heap, 1000);
    assert!(in_front < block, "the bytes in front are used first");
    give_block(&mut heap, in_front, 1000);
    // SAFETY: the block was allocated with this layout.
    unsafe { heap.deallocate(block, aligned) };
    assert_eq!(heap.stats().n_free, 1, "{}", blocks(&heap));
}

#[test]
fn a_heap_can_be_filled_and_emptied_in_any_order() {
    for stride in [1, 7, 101] {
        let mut heap = heap(1 << 16);
        let largest = heap_capacity(&mut heap);
        let mut all: Vec<_> = core::iter::from_fn(|| take(&mut heap, 44)).collect();
        let n = all.len();
        assert!(
            n * 48 + 48 > largest,
            "{n} blocks of 48 bytes fill the heap"
        );
        for step in 0..n {
            let block = all.swap_remove(step * stride % all.len());
            give_block(&mut heap, block, 48);
            heap.check().expect("a sound heap");
        }
        assert_eq!(heap_capacity(&mut heap), largest);
    }
}

/// The largest request that succeeds.
fn heap_capacity(heap: &mut crate::common::Strict<core_api::Fixed>) -> usize {
    let block = take(heap, 1).expect("room");
    give_block(heap, block, 5);
    let largest = heap.largest_free();
    assert!(heap.allocate(bytes(largest + 1)).is_err());
    let block = take(heap, largest).expect("as large as promised");
    // SAFETY: the block was allocated just now.
    unsafe { heap.deallocate(block, bytes(largest)) };
    largest
}

#[test]
fn a_heap_without_room_promises_nothing() {
    let mut heap = heap(4096);
    assert_eq!(heap.largest_free(), 0, "no region yet");
    while take(&mut heap, 1).is_some() {}
    assert_eq!(heap.largest_free(), 0);
}

/// The lists are circles of any length, but a request looks at the first few blocks only.
#[test]
fn a_search_is_bounded() {
    for (n_in_front, found) in [(7, true), (15, true), (16, false), (40, false)] {
        let mut heap = heap(1 << 20);
        // One bin holds all sizes from 8192 to 8696 bytes, those with lower addresses in front.
        let mut poor = Vec::new();
        for _ in 0..n_in_front {
            poor.push(take_block(&mut heap, 8192));
            take_block(&mut heap, 16);
        }
        let good = take_block(&mut heap, 8440);
        take_block(&mut heap, 16);
        let rest = heap.top_len();
        take_block(&mut heap, rest);
        for block in poor {
            give_block(&mut heap, block, 8192);
        }
        give_block(&mut heap, good, 8440);
        let taken = take(&mut heap, 8400 - 4);
        assert_eq!(taken.is_some(), found, "behind {n_in_front} blocks");
        assert!(taken.is_none_or(|block| block == good));
    }
}

#[test]
fn the_best_of_a_bin_is_taken() {
    let mut heap = heap(1 << 20);
    let sizes = [8400, 8200, 8300, 8440];
    let holes = sizes.map(|size| {
        let hole = take_block(&mut heap, size);
        take_block(&mut heap, 16);
        (hole, size)
    });
    for (hole, size) in holes {
        give_block(&mut heap, hole, size);
    }
    assert_eq!(take_block(&mut heap, 8296), holes[2].0);
    assert_eq!(take_block(&mut heap, 8296), holes[0].0);
    assert_eq!(take_block(&mut heap, 8296), holes[3].0);
}
