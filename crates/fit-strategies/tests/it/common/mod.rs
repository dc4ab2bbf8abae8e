//! Heaps on leaked memory, and what a walk shows of them.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{Allocator, Block, BlockState, Fixed, Inspect, Region};
use fit_strategies::{Fit, FitHeap, HEADER, Order};
use std::ops::ControlFlow;

/// Zeroed memory of `len` bytes that begins at a multiple of 4,096.
pub(crate) fn region(len: usize) -> Region {
    let bytes = Box::leak(vec![0_u8; len + 4096].into_boxed_slice());
    let start = bytes.as_ptr().align_offset(4096);
    let base = NonNull::from(&mut bytes[start..start + len]).cast();
    // SAFETY: leaked, and not used again but through the region.
    unsafe { Region::new(base, len) }
}

/// A heap that exactly `len` bytes of blocks tile, cut wherever a block can be.
pub(crate) fn heap<P: Fit, O: Order>(len: usize) -> FitHeap<Fixed, P, O> {
    FitHeap::with_split_threshold(
        // SAFETY: the region is handed out for this heap alone.
        unsafe { Fixed::new(region(len)) },
        0,
    )
}

/// The layout whose block has `size` bytes, header included.
pub(crate) fn block_layout(size: usize) -> Layout {
    Layout::from_size_align(size - HEADER, 8).expect("a valid layout")
}

/// Allocates a block of `size` bytes, header included.
pub(crate) fn take(heap: &mut impl Allocator, size: usize) -> Option<NonNull<u8>> {
    heap.allocate(block_layout(size)).ok().map(NonNull::cast)
}

/// Frees a block of `size` bytes, header included.
pub(crate) fn give(heap: &mut impl Allocator, block: NonNull<u8>, size: usize) {
    // SAFETY: the tests free what they allocated with this layout, once.
    unsafe { heap.deallocate(block, block_layout(size)) }
}

/// Every block of the heap, in address order.
pub(crate) fn blocks(heap: &impl Inspect) -> Vec<Block> {
    let mut blocks = Vec::new();
    let _ = heap.walk(&mut |block| {
        blocks.push(block);
        ControlFlow::Continue(())
    });
    blocks
}

/// Sizes of the free blocks, in address order.
pub(crate) fn free_sizes(heap: &impl Inspect) -> Vec<usize> {
    let free = blocks(heap)
        .into_iter()
        .filter(|block| block.state == BlockState::Free);
    free.map(|block| block.size).collect()
}

/// A heap that is full but for free blocks of these sizes, in address and in list order, with a
/// used block of 16 bytes behind each.
pub(crate) fn heap_with_holes<P: Fit, O: Order>(holes: &[usize]) -> FitHeap<Fixed, P, O> {
    let mut heap = heap(holes.iter().map(|hole| hole + 16).sum());
    let mut cut = |size| take(&mut heap, size).expect("the region has room for the holes");
    let taken: Vec<_> = holes.iter().map(|&hole| (cut(hole), cut(16)).0).collect();
    for (&block, &size) in taken.iter().zip(holes).rev() {
        give(&mut heap, block, size);
    }
    assert_eq!(free_sizes(&heap), holes);
    heap
}
