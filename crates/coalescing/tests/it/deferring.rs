//! Merging that is put off while the heap is roomy.

use std::ptr::NonNull;

use crate::common::{Elastic, Strict, blocks, bytes, filled, give_block, take, take_block};
use coalescing::{CoalescingHeap, Deferred};
use core_api::{Allocator, Fixed, Inspect, Misuse, Source};

type Lazy<S> = CoalescingHeap<S, 8, Deferred>;

fn lazy(len: usize) -> Lazy<Fixed> {
    // SAFETY: the region is handed out for this heap alone.
    Lazy::new(unsafe { Fixed::new(filled(len, 0xA5)) })
}

fn take_all<S: Source>(heap: &mut Lazy<S>, n: usize, size: usize) -> Vec<NonNull<u8>> {
    (0..n).map(|_| take_block(heap, size)).collect()
}

fn give_all<S: Source>(heap: &mut Lazy<S>, blocks: Vec<NonNull<u8>>, size: usize) {
    for block in blocks {
        give_block(heap, block, size);
        assert_eq!(heap.check(), Ok(()));
    }
}

#[test]
fn the_block_freed_last_is_the_next_of_its_size() {
    let mut heap = lazy(64 << 10);
    let all = take_all(&mut heap, 3, 32);
    take_block(&mut heap, 16);
    give_all(&mut heap, all.clone(), 32);
    assert!(blocks(&heap).starts_with("free 32, free 32, free 32, used 16"));
    let again = take_all(&mut heap, 3, 32);
    assert!(again.iter().eq(all.iter().rev()));
}

#[test]
fn other_sizes_leave_it_alone() {
    let mut heap = lazy(64 << 10);
    let all = take_all(&mut heap, 2, 32);
    take_block(&mut heap, 16);
    give_all(&mut heap, all.clone(), 32);
    let larger = take_block(&mut heap, 64);
    assert!(!all.contains(&larger), "the two were not merged for it");
}

#[test]
fn a_block_before_the_top_does_not_wait() {
    let mut heap = lazy(64 << 10);
    let stack = take_all(&mut heap, 3, 32);
    let upside_down = stack.iter().rev().copied().collect();
    give_all(&mut heap, upside_down, 32);
    assert_eq!(blocks(&heap).matches("free").count(), 1, "all is top");
}

#[test]
fn a_program_that_drops_its_blocks_does_not_leave_them_waiting() {
    let mut heap = lazy(1 << 20);
    let mut all = take_all(&mut heap, 132, 32);
    take_block(&mut heap, 16);
    let last = all.split_off(128);
    give_all(&mut heap, all.split_off(64), 32);
    let waiting = ["free 32"; 64].join(", ");
    assert!(blocks(&heap).contains(&format!("used 32, {waiting}, used 32")));

    give_all(&mut heap, all, 32);
    assert!(
        blocks(&heap).starts_with("free 4096, used 32"),
        "none waits"
    );

    take_block(&mut heap, 4096);
    give_all(&mut heap, last, 32);
    let asked_for = ["free 32"; 4].join(", ");
    assert!(blocks(&heap).starts_with(&format!("used 4096, {asked_for}, used 16")));
}

/// The block that waits last lies right before the one that is freed next.
#[test]
fn a_block_is_merged_with_the_one_that_waited_before_it() {
    let mut heap = lazy(1 << 20);
    let all = take_all(&mut heap, 65, 32);
    take_block(&mut heap, 16);
    give_all(&mut heap, all, 32);
    let waiting = ["free 32"; 63].join(", ");
    assert!(blocks(&heap).starts_with(&format!("{waiting}, free 64, used 16")));
}

#[test]
fn an_aligned_request_ends_a_run_of_frees() {
    let mut heap = lazy(1 << 20);
    let mut all = take_all(&mut heap, 66, 32);
    take_block(&mut heap, 16);
    let last = all.split_off(64);
    give_all(&mut heap, all, 32);
    let aligned = core::alloc::Layout::from_size_align(4096, 4096).expect("a valid layout");
    heap.allocate(aligned).expect("room enough");
    give_all(&mut heap, last, 32);
    let waiting = ["free 32"; 66].join(", ");
    assert!(blocks(&heap).starts_with(&format!("{waiting}, used 16")));
}

/// 64 KiB may defer 512 bytes and the block that goes beyond.
#[test]
fn no_more_than_a_small_part_of_the_heap_is_deferred() {
    let mut heap = lazy(64 << 10);
    let all = take_all(&mut heap, 15, 48);
    take_block(&mut heap, 16);
    give_all(&mut heap, all, 48);
    let waiting = ["free 48"; 11].join(", ");
    assert!(blocks(&heap).starts_with(&format!("{waiting}, free 192, used 16")));
}

#[test]
fn large_blocks_are_merged_at_once() {
    let mut heap = lazy(64 << 10);
    let all = take_all(&mut heap, 2, 512);
    give_all(&mut heap, all, 512);
    assert_eq!(blocks(&heap).matches("free").count(), 1, "all is top");
}

#[test]
fn a_tight_heap_merges_at_once() {
    let mut heap = lazy(64 << 10);
    let rest = heap_capacity(&mut heap) / 5 * 4;
    take(&mut heap, rest).expect("four fifths are free");
    let all = take_all(&mut heap, 2, 32);
    take_block(&mut heap, 16);
    give_all(&mut heap, all, 32);
    assert!(blocks(&heap).contains("free 64"));
}

#[test]
fn what_was_deferred_is_merged_when_the_heap_becomes_tight() {
    let mut heap = lazy(64 << 10);
    let all = take_all(&mut heap, 4, 32);
    take_block(&mut heap, 16);
    give_all(&mut heap, all.clone(), 32);
    let most = heap.top_len() / 5 * 4;
    take(&mut heap, most).expect("it is in the top");
    assert_eq!(take(&mut heap, 100), Some(all[0]), "in the hole of 128");
}

#[test]
fn a_request_that_would_fail_merges_everything() {
    let mut heap = lazy(64 << 10);
    let capacity = heap_capacity(&mut heap);
    for size in [16, 24, 32, 480] {
        let all = take_all(&mut heap, 10, size);
        give_all(&mut heap, all, size);
    }
    assert!(take(&mut heap, capacity).is_some());
}

/// The largest request that an empty heap serves.
fn heap_capacity(heap: &mut Lazy<Fixed>) -> usize {
    let block = take(heap, 0).expect("room for one block");
    // SAFETY: the block was allocated with this layout.
    unsafe { heap.deallocate(block, bytes(0)) };
    assert_eq!(
        heap.trim(0),
        0,
        "nothing goes back, but everything is merged"
    );
    heap.largest_free()
}

#[test]
fn a_second_free_of_a_deferred_block_is_seen() {
    let mut heap = lazy(64 << 10);
    let block = take_block(&mut heap, 32);
    give_block(&mut heap, block, 32);
    // SAFETY: the mistake is one that is found.
    let second = unsafe { heap.try_deallocate(block, bytes(28)) };
    assert_eq!(second, Err(Misuse::DoubleFree));
    assert_eq!(heap.check(), Ok(()));
}

#[test]
fn a_deferred_block_serves_an_alignment_that_it_has() {
    let mut heap = lazy(64 << 10);
    let all = take_all(&mut heap, 8, 24);
    give_all(&mut heap, all, 24);
    for align in [16, 32, 16] {
        let layout = std::alloc::Layout::from_size_align(20, align).expect("a valid layout");
        let block = heap.allocate(layout).expect("room");
        assert_eq!(block.addr().get() % align, 0);
        assert_eq!(heap.check(), Ok(()));
    }
}

#[test]
fn a_block_grows_into_a_deferred_one_if_that_is_all_there_is() {
    let mut heap = lazy(64 << 10);
    let block = take_block(&mut heap, 480);
    let behind = take_block(&mut heap, 480);
    take_block(&mut heap, 16);
    give_block(&mut heap, behind, 480);
    let rest = heap.top_len();
    take_block(&mut heap, rest);
    // SAFETY: the block is live and has this layout.
    let grown = unsafe { heap.grow(block, bytes(476), bytes(900)) };
    assert_eq!(grown.map(NonNull::cast), Ok(block));
    assert_eq!(heap.check(), Ok(()));
}

#[test]
fn a_heap_that_can_grow_merges_before_it_grows() {
    let mut heap = Lazy::new(Elastic::new(1 << 20));
    let all = take_all(&mut heap, 10, 400);
    let rest = heap.top_len();
    take_block(&mut heap, rest);
    let len = heap.source().len();
    give_all(&mut heap, all, 400);
    assert!(take(&mut heap, 3000).is_some());
    assert_eq!(heap.source().len(), len);
}

#[test]
fn trimming_merges_first() {
    let mut heap = Lazy::new(Elastic::new(1 << 20));
    let all = take_all(&mut heap, 16, 400);
    give_all(&mut heap, all, 400);
    assert!(heap.trim(0) > 0);
    assert!(heap.source().len() <= Elastic::UNIT);
}

/// Both keep the same blocks; the state is what quick lists add.
#[test]
fn the_lists_cost_less_than_400_bytes() {
    let strict = size_of::<Strict<Fixed>>();
    let lazy = size_of::<Lazy<Fixed>>();
    assert!(strict <= 256 && lazy - strict < 400, "{strict} and {lazy}");
}

/// Shrinks a block of 512 bytes to one of 64 where a hole of 72 lies before it, in a heap of which
/// `spare` bytes are top; whether it moved.
fn shrinks_into_a_hole(spare: usize) -> bool {
    let mut heap = lazy(64 << 10);
    let hole = take_block(&mut heap, 1024);
    let block = take_block(&mut heap, 512);
    let rest = heap.top_len() - spare;
    take_block(&mut heap, rest);
    give_block(&mut heap, hole, 1024);
    take_block(&mut heap, 952);
    // SAFETY: the block is live and has 508 bytes, of which all are written; its layouts are these.
    let shrunk = unsafe {
        block.write_bytes(0x5A, 508);
        heap.shrink(block, bytes(508), bytes(60)).expect("smaller")
    };
    assert_eq!(heap.check(), Ok(()));
    // SAFETY: the block is live and has 60 bytes, all written.
    let content = unsafe { std::slice::from_raw_parts(shrunk.cast::<u8>().as_ptr(), 60) };
    assert!(content.iter().all(|&byte| byte == 0x5A));
    shrunk.cast() != block
}

#[test]
fn a_block_that_shrinks_moves_into_a_hole_where_room_is_scarce() {
    assert!(shrinks_into_a_hole(8 << 10));
    assert!(!shrinks_into_a_hole(32 << 10));
}
