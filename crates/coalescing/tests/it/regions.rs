//! Several regions, and regions that grow and shrink.

use crate::common::{
    Elastic, Parts, Strict, banks, blocks, bytes, filled, give_block, take, take_block,
};
use coalescing::CoalescingHeap;
use core::ptr::NonNull;
use core_api::testing::programs;
use core_api::{Allocator, Inspect, Region, StaticHeap};
use proptest::prelude::*;

#[test]
fn a_heap_takes_region_after_region() {
    let mut heap: Strict<Parts> = Strict::new(Parts::new(banks(4, 16 << 10)));
    let all: Vec<_> = core::iter::from_fn(|| {
        let block = take(&mut heap, 1020);
        heap.check().expect("a sound heap");
        block
    })
    .collect();
    assert!(heap.source().left.is_empty(), "every region is in use");
    assert!(
        all.len() >= 9 + 3 * 15,
        "{} blocks of 1 KiB in 64 KiB",
        all.len()
    );
    assert!(all.iter().all(|block| heap.contains(block.addr().get())));
    for block in all {
        give_block(&mut heap, block, 1024);
        heap.check().expect("a sound heap");
    }
    let stats = heap.stats();
    assert_eq!((stats.n_used, stats.n_free, stats.heap), (0, 4, 64 << 10));
}

/// Regions that are known to be short need few list heads, so a heap of a few KiB can have several.
#[test]
fn a_heap_on_two_short_banks() {
    static LARGE: StaticHeap<2048> = StaticHeap::new();
    static SMALL: StaticHeap<1024> = StaticHeap::new();
    let mut heap: Strict<_> = Strict::new((&LARGE, &SMALL));
    let all: Vec<_> = core::iter::from_fn(|| take(&mut heap, 60)).collect();
    heap.check().expect("a sound heap");
    assert!(all.len() >= 33, "{} blocks of 64 bytes in 3 KiB", all.len());
    let regions = heap.stats().heap;
    assert_eq!(regions, 3 << 10, "both banks are in use");
    for block in all {
        give_block(&mut heap, block, 60);
        heap.check().expect("a sound heap");
    }
    let stats = heap.stats();
    assert_eq!((stats.n_used, stats.n_free), (0, 2));
}

/// Each below the one before, as `mmap` hands them out. How much may wait is worked out from all of them.
#[test]
fn a_heap_that_defers_takes_region_below_region() {
    let mut heap: CoalescingHeap<Parts> = CoalescingHeap::new(Parts::new(banks(4, 16 << 10)));
    let all: Vec<_> = core::iter::from_fn(|| take(&mut heap, 1020)).collect();
    assert!(heap.source().left.is_empty(), "every region is in use");
    for block in &all[1..] {
        assert!(block.addr() < all[0].addr() || heap.contains(block.addr().get()));
    }
    for block in all {
        give_block(&mut heap, block, 1024);
        heap.check().expect("a sound heap");
    }
    for _ in 0..2 {
        let small: Vec<_> = (0..16).map(|_| take_block(&mut heap, 32)).collect();
        let live = heap.stats().n_used;
        for block in small {
            give_block(&mut heap, block, 32);
            heap.check().expect("a sound heap");
        }
        assert_eq!(heap.stats().n_used, live - 16);
    }
}

/// The end of one region is the start of the next, and yet they stay apart.
#[test]
fn blocks_of_adjacent_regions_do_not_merge() {
    let mut parts = banks(2, 16 << 10);
    parts.reverse();
    let mut heap: Strict<Parts> = Strict::new(Parts::new(parts));
    let first = take_block(&mut heap, 9000);
    let second = take_block(&mut heap, 16000);
    give_block(&mut heap, second, 16000);
    give_block(&mut heap, first, 9000);
    heap.check().expect("a sound heap");
    assert!(take(&mut heap, 20000).is_none());
}

#[test]
fn the_rest_of_a_region_is_used_after_the_next_was_added() {
    let mut heap: Strict<Parts> = Strict::new(Parts::new(banks(2, 16 << 10)));
    let first = take_block(&mut heap, 64);
    take_block(&mut heap, 12000);
    let third = take_block(&mut heap, 64);
    assert!(first.addr() < third.addr() && third.addr().get() < first.addr().get() + (16 << 10));
}

#[test]
fn a_region_out_of_reach_is_given_back() {
    let near = filled(16 << 10, 0);
    let far_address = near.start().wrapping_add(40 << 30);
    let far_base = NonNull::new(near.base().as_ptr().with_addr(far_address));
    // SAFETY: the heap looks at the region's address and gives it back untouched.
    let far = unsafe { Region::new(far_base.expect("an address"), 16 << 10) };
    let mut heap: Strict<Parts> = Strict::new(Parts::new(vec![far, near]));
    let block = take_block(&mut heap, 32);
    assert!(take(&mut heap, 15000).is_none());
    assert_eq!(heap.source().released, [far]);
    assert!(!heap.contains(far_address));
    heap.check().expect("a sound heap");
    give_block(&mut heap, block, 32);
    assert!(take(&mut heap, 9000).is_some(), "the heap goes on");
}

#[test]
fn a_region_too_short_is_given_back() {
    for len in 0..300 {
        let (short, _) = filled(4096, 0).split_at(len).expect("shorter than a page");
        let mut heap: Strict<core_api::Fixed> = Strict::new(
            // SAFETY: the region is handed out for this heap alone.
            unsafe { core_api::Fixed::new(short) },
        );
        let block = take(&mut heap, 1);
        heap.check().expect("a sound heap");
        assert!(block.is_none() || len > 64);
    }
}

#[test]
fn regions_go_back_with_the_heap() {
    struct Counting<'a>(Parts, &'a core::cell::Cell<usize>);
    // SAFETY: the regions are those of `Parts`.
    unsafe impl core_api::Source for Counting<'_> {
        const CAN_RELEASE: bool = true;
        fn acquire(&mut self, min_len: usize) -> Option<Region> {
            self.0.acquire(min_len)
        }
        unsafe fn release(&mut self, _region: Region) {
            self.1.set(self.1.get() + 1);
        }
    }
    let released = core::cell::Cell::new(0);
    let source = Counting(Parts::new(banks(3, 16 << 10)), &released);
    let mut heap: Strict<_> = Strict::new(source);
    while take(&mut heap, 1000).is_some() {}
    assert_eq!(released.get(), 0);
    drop(heap);
    assert_eq!(released.get(), 3);
}

#[test]
fn a_region_grows_where_it_is() {
    let mut heap: Strict<_> = Strict::new(Elastic::new(1 << 20));
    for _ in 0..500 {
        take_block(&mut heap, 1024);
        heap.check().expect("a sound heap");
    }
    let used = 500 * 1024;
    let len = heap.source().len();
    assert!(
        (used..used + 4 * Elastic::UNIT).contains(&len),
        "{len} bytes for {used}"
    );
    assert!(take(&mut heap, 1 << 20).is_none(), "beyond the limit");
    assert!(take(&mut heap, 1000).is_some());
}

#[test]
fn trim_gives_whole_units_of_the_top_back() {
    let mut heap: Strict<_> = Strict::new(Elastic::new(1 << 20));
    let kept = take_block(&mut heap, 1024);
    let large = take_block(&mut heap, 500_000);
    assert_eq!(heap.trim(0), 0, "nothing is free at the end");
    give_block(&mut heap, large, 500_000);
    let (len, top) = (heap.source().len(), heap.top_len());
    let released = heap.trim(100_000);
    heap.check().expect("a sound heap");
    assert_eq!(released % Elastic::UNIT, 0);
    assert_eq!(heap.source().len(), len - released);
    assert_eq!(heap.top_len(), top - released);
    assert!((100_000..100_000 + Elastic::UNIT).contains(&heap.top_len()));
    assert!(heap.trim(0) > 0);
    assert!(heap.top_len() < Elastic::UNIT);
    assert_eq!(heap.trim(0), 0);
    let again = take_block(&mut heap, 500_000);
    give_block(&mut heap, again, 500_000);
    give_block(&mut heap, kept, 1024);
    heap.check().expect("a sound heap");
    assert_eq!(blocks(&heap), format!("free {}", heap.top_len()));
}

#[test]
fn a_source_that_takes_nothing_back_is_not_asked() {
    let mut heap = crate::common::heap(1 << 16);
    take_block(&mut heap, 16);
    assert_eq!(heap.trim(0), 0);
}

#[test]
fn insides_of_free_blocks_may_change() {
    let mut heap: Strict<Parts> = Strict::new(Parts::new(banks(2, 64 << 10)));
    let holes = [5000, 100, 20_000, 3000].map(|size| {
        let hole = take_block(&mut heap, size);
        take_block(&mut heap, 16);
        (hole, size)
    });
    let next_region = take_block(&mut heap, 40_000);
    for (hole, size) in holes {
        give_block(&mut heap, hole, size);
    }
    give_block(&mut heap, next_region, 40_000);
    let mut seen = Vec::new();
    heap.for_each_free(4000, &mut |inside| {
        // SAFETY: the heap says that the contents do not matter.
        unsafe { inside.base().write_bytes(0xEE, inside.len()) };
        seen.push(inside.len());
    });
    heap.check().expect("a sound heap");
    let top = heap.top_len();
    seen.sort_unstable();
    assert!(seen.contains(&(5000 - 16)), "{seen:?}");
    assert!(seen.contains(&(20_000 - 16)), "{seen:?}");
    assert!(seen.contains(&(top - 4)), "{seen:?}");
    assert!(seen.iter().all(|&len| len >= 4000));
    let mut n_all = 0;
    heap.for_each_free(0, &mut |_| n_all += 1);
    assert_eq!(n_all, heap.stats().n_free);
}

#[test]
fn a_heap_without_memory_has_nothing() {
    let mut heap: Strict<Parts> = Strict::new(Parts::new(Vec::new()));
    assert!(take(&mut heap, 1).is_none());
    assert_eq!((heap.top_len(), heap.trim(0), heap.stats().heap), (0, 0, 0));
    heap.for_each_free(0, &mut |_| panic!("nothing is free"));
    assert!(!heap.contains(0));
    heap.check().expect("a sound heap");
    assert!(heap.allocate(bytes(isize::MAX as usize)).is_err());
}

proptest! {
    #[test]
    fn programs_run_on_many_small_regions(program in programs()) {
        let mut heap: Strict<Parts> = Strict::new(Parts::new(banks(24, 24 << 10)));
        let verdict = program.run(&mut heap, &mut |heap| heap.check());
        prop_assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
    }

    #[test]
    fn programs_run_on_a_region_that_grows(program in programs()) {
        let mut heap: Strict<_> = Strict::new(Elastic::new(1 << 20));
        let verdict = program.run(&mut heap, &mut |heap| heap.check());
        prop_assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
        heap.trim(0);
        prop_assert!(heap.check().is_ok());
        prop_assert!(heap.top_len() < 2 * Elastic::UNIT);
    }

    #[test]
    fn programs_run_with_trims_between(programs in prop::collection::vec(programs(), 1..4)) {
        let mut heap: Strict<_, 16> = Strict::new(Elastic::new(1 << 20));
        for program in programs {
            let verdict = program.run(&mut heap, &mut |heap| heap.check());
            prop_assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
            heap.trim(10_000);
            prop_assert!(heap.check().is_ok());
        }
    }
}
