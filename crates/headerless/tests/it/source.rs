//! Tests of how the heap uses its source's region.

use crate::common::{bytes, filled};
use core::cell::Cell;
use core_api::{Allocator, Growth, Inspect, Region, Source};
use headerless::HeaderlessHeap;

/// A source that hands out one region, and counts the regions that come back.
struct Counting<'a> {
    region: Option<Region>,
    n_released: &'a Cell<usize>,
}

// SAFETY: the region belongs to the test, and the source hands it out once.
unsafe impl Source for Counting<'_> {
    const CAN_RELEASE: bool = true;
    const GROWTH: Growth = Growth::Never;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        self.region.take_if(|region| region.len() >= min_len)
    }

    unsafe fn release(&mut self, _: Region) {
        self.n_released.set(self.n_released.get() + 1);
    }
}

fn counting(len: usize, n_released: &Cell<usize>) -> HeaderlessHeap<Counting<'_>> {
    HeaderlessHeap::new(Counting {
        region: Some(filled(len)),
        n_released,
    })
}

#[test]
fn the_region_is_asked_for_at_the_first_request_and_given_back_in_the_end() {
    let n_released = Cell::new(0);
    drop(counting(4096, &n_released));
    assert_eq!(n_released.get(), 0, "nothing was asked for");
    let mut heap = counting(4096, &n_released);
    assert_eq!(heap.stats().heap, 0);
    assert!(heap.allocate(bytes(1)).is_ok());
    assert_eq!(heap.stats().heap, 4096);
    assert_eq!(n_released.get(), 0);
    drop(heap);
    assert_eq!(n_released.get(), 1);
}

#[test]
fn a_region_that_is_too_short_goes_back() {
    for len in [1, 8, 100] {
        let n_released = Cell::new(0);
        let mut heap = counting(len, &n_released);
        assert!(heap.allocate(bytes(1)).is_err());
        assert!(heap.allocate(bytes(1)).is_err());
        assert_eq!(n_released.get(), 1, "{len} bytes");
        heap.check().expect("a sound heap");
        drop(heap);
        assert_eq!(n_released.get(), 1, "{len} bytes");
    }
}

/// `largest_free` keeps its promise: that many bytes fit. Here only the top is free, so not one byte more fits.
#[test]
fn the_largest_free_block_can_be_had() {
    let n_released = Cell::new(0);
    for len in 1000..1200 {
        let mut heap = counting(len, &n_released);
        assert_eq!(heap.largest_free(), 0, "no region yet");
        let Ok(block) = heap.allocate(bytes(1)) else {
            continue;
        };
        // SAFETY: the block was allocated just now.
        unsafe { heap.deallocate(block.cast(), bytes(1)) };
        let largest = heap.largest_free();
        assert!(heap.allocate(bytes(largest + 1)).is_err());
        let block = heap.allocate(bytes(largest)).expect("as promised");
        assert_eq!(heap.largest_free(), 0);
        // SAFETY: the block was allocated just now.
        unsafe { heap.deallocate(block.cast(), bytes(largest)) };
        assert!(heap.allocate(bytes(largest.saturating_sub(8))).is_ok());
        let is_short = heap.top_len() < 16;
        assert_eq!(heap.allocate(bytes(1)).is_err(), is_short);
        assert_eq!(heap.largest_free(), 0, "8 bytes are no block");
    }
}
