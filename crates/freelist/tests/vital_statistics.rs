//! The README's table, measured.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use std::time::{Duration, Instant};

use core_api::{AllocError, Allocator, Fixed, Inspect, Region};
use freelist::FreeList;

const README: &str = include_str!("../README.md");

/// The text of the table row called `name`.
fn cell(name: &str) -> &'static str {
    let start = format!("| {name} |");
    let line = README.lines().find(|line| line.starts_with(&start));
    &line.expect("the table has the row")[start.len()..]
}

/// The numbers in the table row called `name`, in order.
fn row(name: &str) -> Vec<usize> {
    cell(name)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| word.parse().ok())
        .collect()
}

fn heap(len: usize) -> FreeList<Fixed> {
    let bytes = Box::leak(vec![MaybeUninit::<u64>::uninit(); len / 8].into_boxed_slice());
    // SAFETY: leaked and not used again but through the region.
    let region = unsafe { Region::new(NonNull::from(bytes).cast(), len / 8 * 8) };
    FreeList::new(Fixed::new(region))
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

/// A full heap with `n_free` free blocks, and the block in it that was allocated last.
fn full_heap(n_free: usize) -> (FreeList<Fixed>, NonNull<[u8]>) {
    let mut heap = heap(16 * (n_free + 2));
    let blocks: Vec<_> = (0..n_free).map(|_| allocate(&mut heap, 8)).collect();
    let last = allocate(&mut heap, 1);
    blocks.into_iter().for_each(|block| free(&mut heap, block));
    (heap, last)
}

/// The shortest of several runs, which other programs disturbed least.
fn shortest(run: impl FnMut() -> Duration) -> Duration {
    core::iter::repeat_with(run)
        .take(50)
        .min()
        .unwrap_or_default()
}

/// How long a search takes that finds nothing among `n_free` blocks.
fn search_time(n_free: usize) -> Duration {
    let (mut heap, _) = full_heap(n_free);
    shortest(|| {
        let start = Instant::now();
        assert_eq!(heap.allocate(layout(100, 8)), Err(AllocError));
        start.elapsed()
    })
}

/// How long a free takes when `n_free` blocks are free already.
fn free_time(n_free: usize) -> Duration {
    let (mut heap, mut block) = full_heap(n_free);
    shortest(|| {
        let start = Instant::now();
        free(&mut heap, block);
        let time = start.elapsed();
        block = allocate(&mut heap, 1);
        time
    })
}

#[test]
fn costs() {
    const FEW: usize = 100;
    const MANY: usize = 100 * FEW;
    let ratio = |time: fn(usize) -> Duration| {
        time(MANY).as_nanos() as f64 / time(FEW).as_nanos().max(1) as f64
    };
    assert!(cell("cost of allocate").contains("O(n) for n free blocks"));
    assert!(ratio(search_time) > 5.0, "100 times the blocks take longer");
    assert!(cell("cost of free").contains("O(1)"));
    assert!(ratio(free_time) < 5.0, "100 times the blocks take as long");
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
