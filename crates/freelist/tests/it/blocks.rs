//! Which block a request gets, and what becomes of the rest.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ops::ControlFlow;
use core::ptr::NonNull;

use core_api::testing::programs;
use core_api::{AllocError, Allocator, Block, BlockState, Borrowed, Inspect, SizelessFree};
use freelist::{FreeList, HEADER, MIN_BLOCK};
use proptest::prelude::*;

type Heap<'a> = FreeList<Borrowed<'a>>;

/// A buffer whose offsets are aligned as far as the tests ask.
#[repr(align(4096))]
struct Buffer([MaybeUninit<u8>; 64 << 10]);

fn with_heap<R>(body: impl FnOnce(&mut Heap<'_>) -> R) -> R {
    let mut buffer = Box::new(Buffer([MaybeUninit::uninit(); 64 << 10]));
    body(&mut FreeList::new(Borrowed::new(&mut buffer.0)))
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).expect("a valid layout")
}

/// The offset in the heap of a new block.
fn allocate(heap: &mut Heap<'_>, size: usize, align: usize) -> usize {
    let block = heap.allocate(layout(size, align)).expect("room");
    block.addr().get() - heap.region().start()
}

fn free(heap: &mut Heap<'_>, offset: usize) {
    // SAFETY: the tests free each block once.
    unsafe { heap.free(at(heap, offset)) };
}

fn at(heap: &Heap<'_>, offset: usize) -> NonNull<u8> {
    NonNull::new(heap.region().at_offset(offset)).expect("not null")
}

fn blocks(heap: &Heap<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let _ = heap.walk(&mut |block| {
        blocks.push(block);
        ControlFlow::Continue(())
    });
    blocks
}

#[test]
fn the_block_freed_last_is_used_first() {
    with_heap(|heap| {
        let offsets = [0; 5].map(|_| allocate(heap, 32, 8));
        offsets.iter().for_each(|&offset| free(heap, offset));
        let again = [0; 5].map(|_| allocate(heap, 32, 8));
        assert!(again.iter().eq(offsets.iter().rev()));
    });
}

#[test]
fn the_first_block_on_the_list_that_is_large_enough_is_used_whole() {
    with_heap(|heap| {
        let [small, exact, large] = [16, 64, 500].map(|size| allocate(heap, size, 8));
        for offset in [exact, large, small] {
            free(heap, offset);
        }
        assert_eq!(
            allocate(heap, 64, 8),
            large,
            "not the one that would fit best"
        );
        assert_eq!(allocate(heap, 64, 8), exact);
        assert_eq!(allocate(heap, 16, 8), small);
        // SAFETY: live.
        assert_eq!(unsafe { heap.usable_size(at(heap, large)) }, 504);
    });
}

#[test]
fn free_neighbours_stay_two_blocks() {
    with_heap(|heap| {
        let offsets = [0; 2].map(|_| allocate(heap, 64, 8));
        offsets.iter().for_each(|&offset| free(heap, offset));
        assert_eq!(heap.stats().n_free, 3, "two blocks and the untouched end");
        let between = offsets[1] - offsets[0];
        assert_eq!(allocate(heap, 128, 8), offsets[1] + between);
    });
}

#[test]
fn a_gap_before_an_aligned_block_is_used_later() {
    with_heap(|heap| {
        assert_eq!(allocate(heap, 100, 256), 256);
        assert_eq!(allocate(heap, 200, 8), HEADER, "the gap is a free block");
        assert_eq!(blocks(heap)[0].size, 256 - HEADER);
    });
}

#[test]
fn a_gap_too_small_for_a_block_is_a_pad() {
    with_heap(|heap| {
        allocate(heap, 8, 8);
        assert_eq!(allocate(heap, 16, 16), 32);
        let pad = blocks(heap)[1];
        assert_eq!(
            (pad.size, pad.overhead, pad.state),
            (8, 8, BlockState::Metadata)
        );
        assert!(pad.size < MIN_BLOCK);
    });
}

#[test]
fn an_aligned_request_skips_blocks_that_lie_elsewhere() {
    with_heap(|heap| {
        let aligned = allocate(heap, 64, 64);
        let unaligned = allocate(heap, 64, 8);
        free(heap, aligned);
        free(heap, unaligned);
        assert_ne!(unaligned % 64, 0);
        assert_eq!(allocate(heap, 64, 64), aligned);
    });
}

#[test]
fn a_block_is_resized_within_what_it_has() {
    with_heap(|heap| {
        let large = allocate(heap, 200, 8);
        free(heap, large);
        let offset = allocate(heap, 10, 8);
        let block = at(heap, offset);
        // SAFETY: live, with a layout that fits it.
        let mut resize = |from, to| unsafe {
            let resized = heap.resize_in_place(block, layout(from, 8), to);
            resized.map(|resized| resized.len())
        };
        assert_eq!(resize(10, 200), Ok(200));
        assert_eq!(resize(200, 201), Err(AllocError));
        assert_eq!(resize(200, 0), Ok(200));
    });
}

#[test]
fn realloc_keeps_the_block_while_it_fits_and_its_bytes_when_it_moves() {
    with_heap(|heap| {
        let offset = allocate(heap, 24, 8);
        let block = at(heap, offset);
        // SAFETY: live; each pointer is used until it is given up.
        unsafe {
            block.write_bytes(0xAB, 24);
            let same = heap.realloc(block, layout(20, 8)).expect("it fits");
            assert_eq!((same.cast(), same.len()), (block, 24));
            let moved = heap.realloc(block, layout(100, 8)).expect("room");
            assert_ne!(moved.cast(), block);
            assert_eq!(moved.cast::<[u8; 24]>().read(), [0xAB; 24]);
            assert_eq!(heap.allocate(layout(24, 8)).map(NonNull::cast), Ok(block));
            assert_eq!(
                heap.realloc(moved.cast(), layout(1 << 20, 8)),
                Err(AllocError)
            );
            assert_eq!(moved.cast::<[u8; 24]>().read(), [0xAB; 24]);
        }
    });
}

/// Sizes of all blocks of a heap, in address order.
fn sizes(heap: &Heap<'_>) -> Vec<usize> {
    blocks(heap).iter().map(|block| block.size).collect()
}

proptest! {
    #[test]
    fn borders_once_cut_stay(first in programs(), second in programs()) {
        with_heap(|heap| {
            let run = |heap: &mut Heap<'_>, program: core_api::testing::Program| {
                program.run(heap, &mut |heap| heap.check()).unwrap_or_else(|failure| panic!("{failure}"));
            };
            run(heap, first);
            let before = sizes(heap);
            run(heap, second);
            let after = sizes(heap);
            let n_cut = before.len().saturating_sub(1);
            assert_eq!(&before[..n_cut], &after[..n_cut]);
        });
    }

    #[test]
    fn what_fitted_once_fits_again(sizes in prop::collection::vec(0..2000_usize, 0..100)) {
        with_heap(|heap| {
            let allocate_all = |heap: &mut Heap<'_>| -> Vec<NonNull<u8>> {
                let fitting = sizes.iter().map_while(|&size| heap.allocate(layout(size, 8)).ok());
                fitting.map(NonNull::cast).collect()
            };
            let once = allocate_all(heap);
            // SAFETY: live and not used again. Freed in reverse, they are offered in order.
            once.iter().rev().for_each(|&block| unsafe { heap.free(block) });
            assert_eq!(heap.stats().n_used, 0);
            assert_eq!(allocate_all(heap), once);
        });
    }
}
