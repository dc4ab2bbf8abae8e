//! Larger and smaller blocks that stay where they are.

use crate::common::{Elastic, Strict, blocks, bytes, give_block, heap, take_block};
use core::ptr::NonNull;
use core_api::{AllocError, Allocator, Inspect, SizelessFree};

/// Resizes a block of `old` bytes to one of `new` bytes, headers included.
fn resize<A: Allocator + Inspect>(
    heap: &mut A,
    block: NonNull<u8>,
    old: usize,
    new: usize,
) -> Result<usize, AllocError> {
    // SAFETY: the tests resize live blocks of the sizes they say.
    let resized = unsafe { heap.resize_in_place(block, bytes(old - 4), new - 4) };
    heap.check().expect("a sound heap");
    resized.map(|resized| resized.len())
}

#[test]
fn a_block_grows_into_the_free_block_behind() {
    let mut heap = heap(4096);
    let block = take_block(&mut heap, 32);
    let behind = take_block(&mut heap, 64);
    take_block(&mut heap, 16);
    assert_eq!(
        resize(&mut heap, block, 32, 40),
        Err(AllocError),
        "it is used"
    );
    give_block(&mut heap, behind, 64);
    assert_eq!(resize(&mut heap, block, 32, 48), Ok(44));
    assert!(blocks(&heap).starts_with("used 48, free 48, used 16, free"));
    assert_eq!(resize(&mut heap, block, 48, 88), Ok(84));
    assert!(blocks(&heap).starts_with("used 88, pad 8, used 16, free"));
    assert_eq!(resize(&mut heap, block, 88, 104), Err(AllocError));
    assert_eq!(resize(&mut heap, block, 88, 96), Ok(92));
    assert!(blocks(&heap).starts_with("used 96, used 16, free"));
}

#[test]
fn a_block_grows_into_the_top_and_back() {
    let mut heap = heap(1 << 16);
    let block = take_block(&mut heap, 32);
    let top = heap.top_len();
    assert_eq!(resize(&mut heap, block, 32, 4096), Ok(4092));
    assert_eq!(heap.top_len(), top + 32 - 4096);
    assert_eq!(resize(&mut heap, block, 4096, top + 32), Ok(top + 28));
    assert_eq!(heap.top_len(), 0);
    assert_eq!(
        resize(&mut heap, block, top + 32, top + 40),
        Err(AllocError)
    );
    assert_eq!(resize(&mut heap, block, top + 32, 16), Ok(12));
    assert_eq!(heap.top_len(), top + 16);
}

#[test]
fn a_smaller_block_leaves_its_rest_to_what_follows() {
    let mut heap = heap(4096);
    let block = take_block(&mut heap, 96);
    let behind = take_block(&mut heap, 32);
    take_block(&mut heap, 16);
    assert_eq!(resize(&mut heap, block, 96, 88), Ok(84));
    assert!(blocks(&heap).starts_with("used 88, pad 8, used 32, used 16"));
    assert_eq!(resize(&mut heap, block, 88, 64), Ok(60));
    assert!(blocks(&heap).starts_with("used 64, free 32, used 32, used 16"));
    give_block(&mut heap, behind, 32);
    assert_eq!(resize(&mut heap, block, 64, 16), Ok(12));
    assert!(blocks(&heap).starts_with("used 16, free 112, used 16"));
}

#[test]
fn an_extended_region_makes_room_behind_its_last_block() {
    let mut heap: Strict<_> = Strict::new(Elastic::new(1 << 20));
    let block = take_block(&mut heap, 32);
    let size = heap.top_len() + 32 + 100_000;
    assert_eq!(resize(&mut heap, block, 32, size), Ok(size - 4));
    assert!(heap.source().len() > 100_000);
}

#[test]
fn realloc_moves_only_when_it_must() {
    let mut heap = heap(1 << 16);
    let block = take_block(&mut heap, 32);
    // SAFETY: the block is live and its bytes are its owner's.
    unsafe { block.write_bytes(7, 28) };
    // SAFETY: the block is live.
    let grown = unsafe { heap.realloc(block, bytes(1000)) }.expect("room");
    assert_eq!(grown.cast(), block, "the top is behind it");
    take_block(&mut heap, 16);
    // SAFETY: the block is live.
    let moved = unsafe { heap.realloc(block, bytes(2000)) }.expect("room");
    assert_ne!(moved.cast(), block, "a used block is behind it");
    // SAFETY: the block is live and has 28 bytes that were written.
    let kept = unsafe { moved.cast::<[u8; 28]>().read() };
    assert_eq!(kept, [7; 28]);
    // SAFETY: the block is live.
    assert_eq!(unsafe { heap.usable_size(moved.cast()) }, 2004);
    // SAFETY: the block is live and given up.
    unsafe { heap.free(moved.cast()) };
    heap.check().expect("a sound heap");
}
