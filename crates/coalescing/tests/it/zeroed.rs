//! Zeroed blocks, and which of them need no clearing.

use crate::common::{Elastic, Parts, Strict, banks, bytes, give_block, take_block};
use core::ptr::NonNull;
use core_api::Allocator;

fn contents(block: NonNull<[u8]>) -> Vec<u8> {
    let start = block.cast::<u8>();
    // SAFETY: the block is live and initialized: the tests' memory was filled once.
    (0..block.len())
        .map(|index| unsafe { start.add(index).read() })
        .collect()
}

/// A source that claims to hand out zeros but does not: what is not zero was not cleared.
fn liar() -> Strict<Parts<true>> {
    Strict::new(Parts::new(banks(1, 64 << 10)))
}

#[test]
fn fresh_memory_is_not_cleared() {
    let mut heap = liar();
    let first = heap.allocate_zeroed(bytes(1000)).expect("room");
    assert_eq!(contents(first), [0xA5; 1004]);
    take_block(&mut heap, 16);
    let second = heap.allocate_zeroed(bytes(1000)).expect("room");
    assert_eq!(contents(second), [0xA5; 1004]);
}

#[test]
fn used_memory_is_cleared_up_to_the_high_water_mark() {
    let mut heap = liar();
    let block = take_block(&mut heap, 1000);
    give_block(&mut heap, block, 1000);
    let zeroed = heap.allocate_zeroed(bytes(2000)).expect("room");
    let seen = contents(zeroed);
    assert!(seen[..996].iter().all(|&byte| byte == 0));
    assert!(seen[1000..].iter().all(|&byte| byte == 0xA5));
}

#[test]
fn holes_are_cleared() {
    let mut heap = liar();
    let block = take_block(&mut heap, 1000);
    take_block(&mut heap, 16);
    give_block(&mut heap, block, 1000);
    let zeroed = heap.allocate_zeroed(bytes(900)).expect("room");
    assert_eq!(zeroed.cast(), block);
    assert!(contents(zeroed).iter().all(|&byte| byte == 0));
}

#[test]
fn a_new_region_is_fresh() {
    let mut heap: Strict<Parts<true>> = Strict::new(Parts::new(banks(2, 64 << 10)));
    take_block(&mut heap, 40_000);
    let other = heap.allocate_zeroed(bytes(40_000)).expect("another region");
    assert!(contents(other).iter().all(|&byte| byte == 0xA5));
}

#[test]
fn sources_without_zeros_are_always_cleared() {
    let mut heap = crate::common::heap(1 << 16);
    let block = heap.allocate_zeroed(bytes(5000)).expect("room");
    assert!(contents(block).iter().all(|&byte| byte == 0));
}

#[test]
fn trimmed_and_extended_memory_is_fresh_again() {
    let mut heap: Strict<_> = Strict::new(Elastic::new(1 << 20));
    for size in [100_000, 300_000, 50_000, 400_000] {
        let block = take_block(&mut heap, size);
        // SAFETY: the block is live and has that many bytes.
        unsafe { block.write_bytes(0xFF, size - 4) };
        give_block(&mut heap, block, size);
        heap.trim(size / 2);
        let zeroed = heap.allocate_zeroed(bytes(size)).expect("room");
        assert!(contents(zeroed).iter().all(|&byte| byte == 0));
        // SAFETY: the block was allocated just now.
        unsafe { heap.deallocate(zeroed.cast(), bytes(size)) };
    }
}

/// A region of zeros that begins and ends within a granule, and gives back and gets again its second
/// half.
struct Askew(core_api::Region);

// SAFETY: there is one region, or the first half of it; the second is cleared before it comes again.
unsafe impl core_api::Source for Askew {
    const ZEROED: bool = true;
    const CAN_RELEASE: bool = true;
    const GROWTH: core_api::Growth = core_api::Growth::InPlace;

    fn acquire(&mut self, _: usize) -> Option<core_api::Region> {
        Some(self.0)
    }

    unsafe fn extend(&mut self, _: core_api::Region, _: usize) -> Option<core_api::Region> {
        Some(self.0)
    }

    unsafe fn release_tail(&mut self, _: core_api::Region, _: usize) -> core_api::Region {
        let (kept, cut) = self.0.split_at(self.0.len() / 2).expect("half of it");
        // SAFETY: the heap does not use the bytes any more.
        unsafe { cut.base().write_bytes(0, cut.len()) };
        kept
    }
}

#[test]
fn what_a_trim_leaves_of_a_granule_is_cleared() {
    let (_, askew) = crate::common::filled(64 << 10, 0)
        .split_at(8)
        .expect("room");
    let (region, _) = askew.split_at(32 << 10).expect("room");
    let mut heap: Strict<_, 16> = Strict::new(Askew(region));
    let layout = bytes(24 << 10);
    let block = heap.allocate(layout).expect("room");
    // SAFETY: the block is live, has that many bytes, and is freed once.
    unsafe {
        block.cast::<u8>().write_bytes(0xFF, block.len());
        heap.deallocate(block.cast(), layout);
    }
    assert!(heap.trim(0) > 0);
    let zeroed = heap.allocate_zeroed(layout).expect("room");
    assert!(contents(zeroed).iter().all(|&byte| byte == 0));
}
