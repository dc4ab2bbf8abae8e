//! How the heap takes memory from its source, and what it does with it.

use core_api::{Allocator, Inspect, StaticHeap};
use wasm::Heap;

use crate::common::{Memory, PAGE, bytes, filled, give, take};

#[test]
fn nothing_is_asked_for_before_it_is_needed() {
    let mut heap: Heap<_> = Heap::new(Memory::new(64 * PAGE));
    assert_eq!(heap.stats().heap, 0);
    take(&mut heap, 1);
    assert_eq!(heap.stats().heap, PAGE);
}

#[test]
fn free_memory_is_merged_before_the_heap_grows() {
    let mut heap: Heap<_> = Heap::new(Memory::new(64 * PAGE));
    let all: Vec<_> = (0..PAGE / 64).map(|_| take(&mut heap, 64)).collect();
    assert_eq!(heap.stats().heap, PAGE);
    for block in all {
        give(&mut heap, block, 64);
    }
    take(&mut heap, PAGE);
    assert_eq!(heap.stats().heap, PAGE, "one block of all that was free");
}

#[test]
fn the_step_becomes_longer_each_time() {
    let mut heap: Heap<_> = Heap::new(Memory::new(4096 * PAGE));
    let (mut steps, mut before) = (Vec::new(), 0);
    while heap.allocate(bytes(PAGE)).is_ok() {
        let now = heap.stats().heap;
        if now != before {
            steps.push((before, now - before));
            before = now;
        }
    }
    assert!(steps.len() > 200);
    for (n, (len, step)) in steps.iter().enumerate().take(200) {
        let expected = len * (256 + n) / (64 * 256);
        assert!(
            step.abs_diff(expected) <= PAGE,
            "{step} bytes after {n} steps, from {len}"
        );
    }
    assert!(steps[199].1 > steps[199].0 / 40, "longer than a 64th");
}

#[test]
fn a_block_that_is_most_of_the_heap_grows_in_place() {
    let mut heap: Heap<_> = Heap::new(Memory::new(64 * PAGE));
    let mut size = 16;
    let block = take(&mut heap, size);
    while size < 32 * PAGE {
        // SAFETY: the block is live, and served the last size.
        let resized = unsafe { heap.resize_in_place(block, bytes(size), 2 * size) };
        assert_eq!(resized.expect("room behind the block").cast(), block);
        size *= 2;
        heap.check().expect("a sound heap");
    }
    assert_eq!(heap.stats().used, size);
}

#[test]
fn a_small_block_at_the_end_does_not_take_pages_to_grow() {
    let mut heap: Heap<_> = Heap::new(Memory::new(64 * PAGE));
    let large = take(&mut heap, 3 * PAGE);
    let last = take(&mut heap, PAGE);
    give(&mut heap, large, 3 * PAGE);
    let before = heap.stats().heap;
    // SAFETY: the block is live, and served a page.
    let resized = unsafe { heap.resize_in_place(last, bytes(PAGE), 2 * PAGE) };
    assert!(resized.is_err(), "there is room elsewhere");
    take(&mut heap, 2 * PAGE);
    assert_eq!(heap.stats().heap, before);
}

#[test]
fn pages_that_somebody_else_took_are_left_alone() {
    let mut memory = Memory::new(64 * PAGE);
    memory.take_page();
    let mut heap: Heap<_> = Heap::new(memory);
    let first = take(&mut heap, PAGE);
    heap.source_mut().take_page();
    let second = take(&mut heap, PAGE);
    let between = second.addr().get() - first.addr().get();
    assert!(between >= 2 * PAGE, "a page lies between them");
    give(&mut heap, first, PAGE);
    give(&mut heap, second, PAGE);
    let before = heap.stats();
    assert_eq!(before.n_used, 1, "the walk shows the page as used");
    take(&mut heap, 2 * PAGE);
    assert!(
        heap.stats().heap > before.heap,
        "the two pages do not touch"
    );
}

#[test]
fn the_open_range_does_not_reach_over_the_pages_of_others() {
    let mut heap: Heap<_> = Heap::new(Memory::new(64 * PAGE));
    let first = take(&mut heap, PAGE / 2).addr().get();
    heap.source_mut().take_page();
    let second = take(&mut heap, PAGE).addr().get();
    assert!(second - first >= 2 * PAGE);
    let rest = take(&mut heap, PAGE / 2).addr().get();
    assert_eq!(rest - first, PAGE / 2);
}

#[test]
fn a_source_without_memory_is_an_error_and_not_the_end() {
    let mut heap: Heap<_> = Heap::new(Memory::new(4 * PAGE));
    assert!(heap.allocate(bytes(5 * PAGE)).is_err());
    let block = take(&mut heap, 4 * PAGE - 16);
    assert!(heap.allocate(bytes(PAGE)).is_err());
    heap.check().expect("a sound heap");
    give(&mut heap, block, 4 * PAGE - 16);
    take(&mut heap, 4 * PAGE - 16);
}

#[test]
fn regions_of_any_length_and_place_are_used_in_whole_granules() {
    for skip in 0..16 {
        for len in [1, 15, 16, 31, 100, 1000] {
            let (_, region) = filled(2048).split_at(skip).expect("bytes");
            let (region, _) = region.split_at(len).expect("bytes");
            // SAFETY: the region is new, and only this heap uses it.
            let source = unsafe { core_api::Fixed::new(region) };
            let mut heap: Heap<_> = Heap::new(source);
            let usable =
                (skip + len) / 16 * 16 - skip.next_multiple_of(16).min((skip + len) / 16 * 16);
            while heap.allocate(bytes(16)).is_ok() {
                heap.check().expect("a sound heap");
            }
            assert_eq!(heap.stats().used, usable, "{len} bytes from {skip} on");
        }
    }
}

#[test]
fn state_fits_in_a_small_microcontroller() {
    let words = size_of::<Heap<&'static StaticHeap<1024>>>() / size_of::<usize>();
    assert_eq!(words, 64, "256 bytes on 32 bits");
}
