//! `check` finds each invariant broken where memory and fields can break it.

extern crate std;

use core::alloc::Layout;
use core::mem::MaybeUninit;

use core_api::{Allocator, Block, BlockState, Borrowed, Inspect};

use crate::free_list::END;
use crate::{AddressOrder, FirstFit, FitHeap};

type Sorted<'a> = FitHeap<Borrowed<'a>, FirstFit, AddressOrder>;

/// A heap of four blocks of 32 bytes, of which the first and the third are free, and the rest.
fn with_heap(damage: impl FnOnce(&mut Sorted<'_>, [usize; 4])) -> &'static str {
    let mut buffer = [MaybeUninit::new(0); 512];
    let mut heap = Sorted::new(Borrowed::new(&mut buffer));
    let layout = Layout::new::<[u64; 3]>();
    let blocks = [(); 4].map(|()| heap.allocate(layout).expect("room").cast());
    for block in [blocks[0], blocks[2]] {
        // SAFETY: allocated with this layout and not used again.
        unsafe { heap.deallocate(block, layout) };
    }
    assert_eq!(heap.check(), Ok(()));
    damage(
        &mut heap,
        blocks.map(|block| block.addr().get() - crate::HEADER),
    );
    let corruption = heap.check().expect_err("the heap was damaged");
    &corruption.invariant[..2]
}

#[test]
fn i1_a_size_that_leads_nowhere() {
    let found = with_heap(|heap, [_, used, ..]| {
        // SAFETY: the header of a block; its payload is not used again.
        unsafe { heap.tiling.set_block(used, 24, BlockState::Used) };
    });
    assert_eq!(found, "I1");
}

#[test]
fn i2_a_free_block_outside_the_list() {
    let found = with_heap(|heap, [_, used, ..]| {
        // SAFETY: as above.
        unsafe { heap.tiling.set_block(used, 32, BlockState::Free) };
    });
    assert_eq!(found, "I2");
}

#[test]
fn i2_a_used_block_in_the_list() {
    let found = with_heap(|heap, [free, ..]| {
        // SAFETY: the header of a free block.
        unsafe { heap.tiling.set_block(free, 32, BlockState::Used) };
    });
    assert_eq!(found, "I2");
}

#[test]
fn i2_a_list_that_goes_round() {
    let found = with_heap(|heap, [free, _, other, _]| {
        // SAFETY: both are free blocks.
        unsafe { heap.tiling.set_link(other, free) };
    });
    assert_eq!(found, "I2");
}

#[test]
fn i3_a_list_out_of_order() {
    let found = with_heap(|heap, [free, ..]| {
        let block = heap.tiling.block_at(free).expect("a block");
        heap.list.unlink(&heap.tiling, END, &block);
        let last = heap.list.before(&heap.tiling, |_| false);
        // SAFETY: the block is free and was just unlinked.
        unsafe { heap.list.insert_after(&heap.tiling, last, free, block.size) };
    });
    assert_eq!(found, "I3");
}

#[test]
fn i4_a_wrong_byte_count() {
    let found = with_heap(|heap, [free, ..]| {
        let block = heap.tiling.block_at(free).expect("a block");
        let smaller = Block { size: 24, ..block };
        heap.list.unlink(&heap.tiling, END, &smaller);
        let before = heap.list.bytes();
        // SAFETY: the block is free and was just unlinked.
        unsafe { heap.list.insert_after(&heap.tiling, END, free, block.size) };
        assert_ne!(heap.list.bytes(), before + 24);
    });
    assert_eq!(found, "I4");
}

#[test]
fn i5_a_rover_that_left_the_list() {
    assert_eq!(
        with_heap(|heap, [_, used, ..]| heap.list.set_rover(used)),
        "I5"
    );
}
