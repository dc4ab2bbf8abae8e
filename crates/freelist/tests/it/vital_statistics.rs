//! The README's table, measured.

use core::alloc::Layout;
use core::ops::ControlFlow;
use core::ptr::NonNull;

use core_api::testing::{readme_numbers, readme_row};
use core_api::{AllocError, Allocator, Fixed, Inspect, Region};
use freelist::FreeList;

const README: &str = include_str!("../../README.md");

/// The numbers in the table row called `name`, in order.
fn row(name: &str) -> Vec<usize> {
    readme_numbers(README, name)
}

/// Memory of zeros.
fn region(len: usize) -> Region {
    let words = Box::leak(vec![0_u64; len / 8].into_boxed_slice());
    // SAFETY: leaked and not used again but through the region.
    unsafe { Region::new(NonNull::from(words).cast(), len / 8 * 8) }
}

fn heap(len: usize) -> FreeList<Fixed> {
    FreeList::new(
        // SAFETY: the region is handed out for this heap alone.
        unsafe { Fixed::new(region(len)) },
    )
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).expect("a valid layout")
}

fn allocate(heap: &mut FreeList<Fixed>, size: usize) -> NonNull<[u8]> {
    heap.allocate(layout(size, 1)).expect("room")
}

fn free(heap: &mut FreeList<Fixed>, block: NonNull<[u8]>) {
    // SAFETY: the tests free each block once.
    unsafe { heap.deallocate(block.cast(), layout(block.len(), 1)) };
}

#[test]
fn alignment() {
    let mut heap = heap(1 << 16);
    for size in 1..20 {
        let block = allocate(&mut heap, size);
        assert_eq!(block.addr().get() % row("alignment")[0], 0);
    }
    let block = heap.allocate(layout(1, 4096)).expect("room");
    assert_eq!(block.addr().get() % 4096, 0);
}

#[test]
fn header_bytes_and_smallest_block() {
    let mut heap = heap(1 << 12);
    let block = allocate(&mut heap, 1);
    let used = heap.stats().heap - heap.untouched();
    assert_eq!([used], row("smallest block")[..]);
    assert_eq!([used - block.len()], row("header bytes")[..]);
}

#[test]
fn worst_internal_waste() {
    let mut heap = heap(1 << 17);
    let [fresh, reused] = row("worst internal waste")[..] else {
        panic!("the row has two numbers");
    };
    let worst = (1..=256)
        .map(|size| allocate(&mut heap, size).len() - size)
        .max();
    assert_eq!(worst, Some(fresh));
    let large = allocate(&mut heap, 50_000);
    free(&mut heap, large);
    assert_eq!(
        allocate(&mut heap, reused),
        large,
        "one byte takes all of it"
    );
}

/// A heap with `n_free` free blocks of 16 bytes and nothing untouched, and its one used block.
fn full_heap(region: Region, n_free: usize) -> (FreeList<Fixed>, NonNull<[u8]>) {
    let mut heap = FreeList::new(
        // SAFETY: the region is handed out for this heap alone.
        unsafe { Fixed::new(region) },
    );
    let blocks: Vec<_> = (0..n_free).map(|_| allocate(&mut heap, 8)).collect();
    let last = allocate(&mut heap, 8);
    blocks.into_iter().for_each(|block| free(&mut heap, block));
    (heap, last)
}

/// How many links a search follows to a large block that was freed before `n_free` small ones.
fn links_followed(n_free: usize) -> usize {
    let mut heap = heap(16 * n_free + 2048);
    let large = allocate(&mut heap, 1000);
    let small: Vec<_> = (0..n_free).map(|_| allocate(&mut heap, 8)).collect();
    free(&mut heap, large);
    small.into_iter().for_each(|block| free(&mut heap, block));
    let mut ends = Vec::new();
    let _ = heap.walk_free(&mut |block| {
        ends.push(block.end());
        ControlFlow::Continue(())
    });
    assert_eq!(allocate(&mut heap, 1000), large, "the only one that fits");
    let end = large.addr().get() + large.len();
    ends.iter().position(|&other| other == end).expect("listed")
}

/// How many bytes of the heap a free changes when `n_free` blocks are free already.
fn bytes_changed(n_free: usize) -> usize {
    let region = region(16 * (n_free + 1));
    let (mut heap, last) = full_heap(region, n_free);
    let before = bytes(region);
    free(&mut heap, last);
    let after = bytes(region);
    before.iter().zip(&after).filter(|(x, y)| x != y).count()
}

/// What the region holds now. Its memory was zero at first, so all of it is initialized.
fn bytes(region: Region) -> Vec<u8> {
    (0..region.len())
        // SAFETY: within the region, which nobody writes at this moment.
        .map(|offset| unsafe { region.at_offset(offset).read() })
        .collect()
}

#[test]
fn costs() {
    assert!(readme_row(README, "cost of allocate").contains("O(n) for n free blocks"));
    assert_eq!([100, 10_000].map(links_followed), [100, 10_000]);
    assert!(readme_row(README, "cost of free").contains("O(1)"));
    assert!(bytes_changed(100) <= 16, "the state and the link");
    assert!(bytes_changed(10_000) <= 16, "whatever else is free");
}

#[test]
fn cannot_cut_or_merge() {
    let [requests, neighbours] = row("what it cannot do")[..] else {
        panic!("the row has two numbers");
    };
    let mut heap = heap(8 + 2 * 1008);
    let blocks: Vec<_> = (0..neighbours).map(|_| allocate(&mut heap, 1000)).collect();
    assert!(heap.untouched() < 16);
    blocks.iter().for_each(|&block| free(&mut heap, block));
    assert_eq!(
        heap.allocate(layout(1008, 8)),
        Err(AllocError),
        "two neighbours are not one"
    );
    let served = core::iter::from_fn(|| heap.allocate(layout(8, 8)).ok()).count();
    assert_eq!(
        served,
        requests * neighbours,
        "each block serves one request"
    );
}
