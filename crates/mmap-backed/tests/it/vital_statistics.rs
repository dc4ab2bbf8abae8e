//! The README's table, measured.

use core::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use core_api::testing::readme_numbers;
use core_api::{Allocator, Inspect};
use mmap_backed::{Global, MmapHeap};

const README: &str = include_str!("../../README.md");

/// The numbers in the table row called `name`, in order.
fn row(name: &str) -> Vec<usize> {
    readme_numbers(README, name)
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).expect("a valid layout")
}

fn page_size() -> usize {
    // SAFETY: `sysconf` only reads its argument.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).expect("a page size")
}

/// Bytes of heap that blocks of `size` bytes take, by the distance of two neighbours.
fn distance(size: usize) -> usize {
    let mut heap = MmapHeap::<8>::new();
    let [one, two] = [(); 2].map(|()| heap.allocate(layout(size, 1)).expect("memory"));
    two.addr().get() - one.addr().get()
}

/// The length of a direct mapping for `size` bytes.
fn mapping(size: usize) -> usize {
    MmapHeap::<8>::new()
        .allocate(layout(size, 1))
        .expect("memory")
        .len()
}

#[test]
fn alignment() {
    let mut heap = MmapHeap::<8>::new();
    let least = (0..100)
        .map(|_| heap.allocate(layout(1, 1)).expect("memory").addr().get())
        .map(|address| 1 << address.trailing_zeros())
        .min();
    assert_eq!(least, Some(row("alignment")[0]));
    let block = heap.allocate(layout(1, 2 << 20)).expect("memory");
    assert!(block.addr().get().is_multiple_of(2 << 20));
}

#[test]
fn header_bytes_and_smallest_block() {
    let [in_heap, direct, entry] = row("header bytes")[..] else {
        panic!("the row has three numbers");
    };
    assert_eq!(
        distance(1000) - 1000,
        in_heap + 4,
        "1,004 bytes are 126 granules"
    );
    assert_eq!(distance(996) - 996, in_heap);
    let [smallest, pages] = row("smallest block")[..] else {
        panic!("the row has two numbers");
    };
    assert_eq!(distance(0), smallest);
    assert_eq!(mapping(200_000) % page_size(), direct);
    assert_eq!(pages, 1);

    let mut heap = MmapHeap::<8>::new();
    let n_fitting = page_size() / entry / 4 * 3;
    for _ in 0..n_fitting {
        heap.allocate(layout(heap.direct_from(), 8))
            .expect("memory");
    }
    assert_eq!(heap.mapped().table, page_size());
    heap.allocate(layout(heap.direct_from(), 8))
        .expect("memory");
    assert_eq!(heap.mapped().table, 2 * page_size());
}

#[test]
fn worst_internal_waste() {
    let [in_heap, pages, less] = row("worst internal waste")[..] else {
        panic!("the row has three numbers");
    };
    let mut heap = MmapHeap::<8>::new();
    let mut waste = |size| heap.allocate(layout(size, 1)).expect("memory").len() - size;
    assert_eq!((1..3000).map(&mut waste).max(), Some(in_heap));
    let whole = 64 * page_size();
    assert_eq!(
        (whole..whole + 200).map(|size| mapping(size) - size).max(),
        Some(pages * page_size() - less)
    );
}

#[test]
fn cost_of_allocate_and_free() {
    let mut heap = MmapHeap::<8>::new();
    let [_, calls, mappings, threshold] = row("cost of allocate")[..] else {
        panic!("the row has four numbers");
    };
    heap.allocate(layout(1, 1)).expect("memory");
    let before = heap.mapped();
    let in_heap = heap.allocate(layout(1000, 1)).expect("memory");
    assert_eq!(usize::from(heap.mapped() != before), calls);
    let largest = heap.allocate(layout(threshold - 1, 1)).expect("memory");
    assert_eq!(heap.mapped().n_direct, 0);
    let direct = heap.allocate(layout(threshold, 1)).expect("memory");
    assert_eq!(heap.mapped().n_direct, mappings);

    let [_, unmappings, tidied_from] = row("cost of free")[..] else {
        panic!("the row has three numbers");
    };
    let before = heap.mapped();
    // SAFETY: each is live and goes back once, with its layout.
    unsafe {
        heap.deallocate(direct.cast(), layout(threshold, 1));
        assert_eq!(before.n_direct - heap.mapped().n_direct, unmappings);
        heap.deallocate(in_heap.cast(), layout(1000, 1));
        assert_eq!(
            heap.mapped().committed,
            before.committed,
            "not {tidied_from} bytes yet"
        );
        heap.deallocate(largest.cast(), layout(threshold - 1, 1));
        assert!(heap.mapped().committed < before.committed);
    }
    assert!(threshold > tidied_from);
    assert_eq!(heap.stats().n_used, 1);
}

#[test]
fn cannot_serve_two_threads_at_the_same_time() {
    let [threads, locks] = row("what it cannot do")[..] else {
        panic!("the row has two numbers");
    };
    let (go, served) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        let waiting: Vec<_> = (1..threads)
            .map(|_| {
                scope.spawn(|| {
                    while !go.load(Ordering::Acquire) {
                        thread::yield_now();
                    }
                    // SAFETY: the layout has a size, and the block goes back once.
                    unsafe {
                        let block = Global::new().alloc(layout(8, 8));
                        Global::new().dealloc(block, layout(8, 8));
                    }
                    served.store(true, Ordering::Release);
                })
            })
            .collect();
        let served_meanwhile = Global::new().inspect(|_| {
            go.store(true, Ordering::Release);
            thread::sleep(Duration::from_millis(100));
            served.load(Ordering::Acquire)
        });
        assert_eq!(usize::from(!served_meanwhile), locks);
        waiting
            .into_iter()
            .for_each(|thread| thread.join().expect("it ends"));
    });
    assert!(served.into_inner());
}
