//! What headers tell about pointers that should not have been freed.

use core::alloc::Layout;
use core::ptr::NonNull;

use crate::common::{block_layout, region, take};
use core_api::{Fixed, Inspect, Misuse};
use fit_strategies::{AddressOrder, BestFit, FitHeap};

type TestHeap = FitHeap<Fixed, BestFit, AddressOrder>;

/// A heap of three used blocks of 64 bytes.
fn three_blocks() -> (TestHeap, [NonNull<u8>; 3]) {
    let mut heap = FitHeap::new(
        // SAFETY: the region is handed out for this heap alone.
        unsafe { Fixed::new(region(1024)) },
    );
    let blocks = [(); 3].map(|()| take(&mut heap, 64).expect("room"));
    (heap, blocks)
}

/// Frees, and asserts that a refusal changed nothing.
fn free(heap: &mut TestHeap, block: NonNull<u8>, layout: Layout) -> Result<(), Misuse> {
    let before = heap.stats();
    // SAFETY: the tests do not use a block after it was freed.
    let result = unsafe { heap.try_deallocate(block, layout) };
    assert!(result.is_ok() || heap.stats() == before);
    result
}

/// The pointer `offset` bytes from `block`, which stays in the region.
fn beside(block: NonNull<u8>, offset: isize) -> NonNull<u8> {
    // SAFETY: the offsets in these tests stay within the region's 1024 bytes.
    unsafe { block.offset(offset) }
}

#[test]
fn a_double_free_is_refused() {
    let (mut heap, [_, block, _]) = three_blocks();
    assert_eq!(free(&mut heap, block, block_layout(64)), Ok(()));
    assert_eq!(
        free(&mut heap, block, block_layout(64)),
        Err(Misuse::DoubleFree)
    );
    heap.sweep();
    assert_eq!(
        free(&mut heap, block, block_layout(64)),
        Err(Misuse::DoubleFree)
    );
    // SAFETY: refused without being used.
    assert_eq!(unsafe { heap.try_free(block) }, Err(Misuse::DoubleFree));
    assert_eq!(heap.check(), Ok(()));
}

#[test]
fn foreign_pointers_are_refused() {
    let (mut heap, [_, block, _]) = three_blocks();
    let elsewhere = region(64).base();
    for pointer in [
        beside(block, 16),
        beside(block, 1),
        beside(block, 900),
        elsewhere,
    ] {
        assert_eq!(
            free(&mut heap, pointer, block_layout(16)),
            Err(Misuse::ForeignPointer)
        );
    }
    let mut fresh = TestHeap::new(
        // SAFETY: the region is handed out for this heap alone.
        unsafe { Fixed::new(region(1024)) },
    );
    assert_eq!(
        free(&mut fresh, block, block_layout(64)),
        Err(Misuse::ForeignPointer)
    );
}

#[test]
fn an_overwritten_header_is_seen() {
    let (mut heap, [first, block, _]) = three_blocks();
    // SAFETY: an overrun of the first block's 56 bytes into the next header, in the region.
    unsafe { beside(first, 56).write_bytes(b'x', 8) };
    assert_eq!(
        free(&mut heap, block, block_layout(64)),
        Err(Misuse::CorruptHeader)
    );
    assert!(
        heap.check()
            .expect_err("the header is gone")
            .invariant
            .starts_with("I1")
    );
}

#[test]
fn a_layout_larger_than_the_block_is_refused() {
    let (mut heap, [block, ..]) = three_blocks();
    assert_eq!(
        free(&mut heap, block, block_layout(72)),
        Err(Misuse::CorruptHeader)
    );
    assert_eq!(free(&mut heap, block, block_layout(64)), Ok(()));
}

#[test]
fn an_overwritten_link_is_seen() {
    let (mut heap, [block, ..]) = three_blocks();
    assert_eq!(free(&mut heap, block, block_layout(64)), Ok(()));
    // SAFETY: a write after free, in the region.
    unsafe { block.cast::<usize>().write(block.addr().get() + 16) };
    assert!(
        heap.check()
            .expect_err("the link leads astray")
            .invariant
            .starts_with("I2")
    );
}
