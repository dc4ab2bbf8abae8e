//! The README's table, measured.

use core::alloc::Layout;
use core::ptr::NonNull;
use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;

use core_api::testing::readme_numbers;
use core_api::{Allocator, Inspect};
use thread_cached::{PrivateHeap, ThreadCached};

use crate::support::passes_in_child;

const README: &str = include_str!("../../README.md");

/// The numbers in the table row called `name`, in order.
fn row(name: &str) -> Vec<usize> {
    readme_numbers(README, name)
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).expect("a valid layout")
}

fn heap() -> PrivateHeap {
    PrivateHeap::new().expect("address space")
}

fn allocate(heap: &mut PrivateHeap, size: usize) -> NonNull<[u8]> {
    heap.allocate(layout(size, 1)).expect("memory")
}

/// The alignment that all of many blocks of some sizes have.
fn common_alignment(sizes: impl Iterator<Item = usize>) -> usize {
    let mut heap = heap();
    let bits = sizes.fold(0, |bits, size| {
        (0..9).fold(bits, |bits, _| {
            bits | allocate(&mut heap, size).addr().get()
        })
    });
    1 << bits.trailing_zeros()
}

#[test]
fn alignment() {
    let [least, above, from] = row("alignment")[..] else {
        panic!("the row has three numbers");
    };
    assert_eq!(common_alignment(0..3000), least);
    assert_eq!(common_alignment(from..5000), above);
    assert!(common_alignment(from - 20..from) < above);
    let block = heap().allocate(layout(1, 2 << 20)).expect("memory");
    assert!(block.addr().get().is_multiple_of(2 << 20));
}

#[test]
fn header_bytes_and_smallest_block() {
    let [header, _, page] = row("header bytes")[..] else {
        panic!("the row has three numbers");
    };
    let [smallest, large, from] = row("smallest block")[..] else {
        panic!("the row has three numbers");
    };
    let mut heap = heap();
    let [one, two] = [(); 2].map(|()| allocate(&mut heap, 1).addr().get());
    assert_eq!(two - one, smallest + header);
    assert_eq!(heap.stats().overhead, 0);
    let [one, two] = [(); 2].map(|()| allocate(&mut heap, from + 1));
    assert_eq!(two.addr().get() - one.addr().get(), one.len());
    assert_eq!(one.len() - from, large);
    assert_eq!(page, large);
}

#[test]
fn worst_internal_waste() {
    let [small, up_to, large, above] = row("worst internal waste")[..] else {
        panic!("the row has four numbers");
    };
    let mut heap = heap();
    let mut waste = |size| allocate(&mut heap, size).len() - size;
    assert_eq!((1..=up_to).map(&mut waste).max(), Some(small));
    assert_eq!((above..10 * above).map(&mut waste).max(), Some(large));
}

#[test]
fn cost_of_allocate_and_free() {
    let largest = row("cost of allocate")[4];
    assert_eq!(row("cost of free")[3], largest);
    let mut heap = heap();
    let same = |heap: &mut PrivateHeap, size| {
        let blocks: BTreeSet<_> = (0..50)
            .map(|_| {
                let block = allocate(heap, size).cast::<u8>();
                // SAFETY: live, and goes back once.
                unsafe { heap.deallocate(block, layout(size, 1)) };
                block.addr()
            })
            .collect();
        blocks.len() == 1
    };
    // The last one in is the first one out.
    assert!(
        [16, 1000, largest]
            .iter()
            .all(|&size| same(&mut heap, size))
    );
    // A freed block of a class stays on its list, a larger one is a free span at once.
    let spans = |heap: &PrivateHeap| heap.stats().largest_free;
    let listed = spans(&heap);
    let large = allocate(&mut heap, largest + 1);
    // SAFETY: live, and goes back once.
    unsafe { heap.deallocate(large.cast(), layout(largest + 1, 1)) };
    assert_eq!(listed, largest);
    assert!(spans(&heap) > largest);
}

#[test]
fn cannot_settle_the_heap_of_an_idle_thread() {
    // Nobody else in the process has anything to purge.
    passes_in_child("cannot_settle_the_heap_of_an_idle_thread", || {
        const BYTES: usize = 20 << 20;
        let [threads] = row("what it cannot do")[..] else {
            panic!("the row has one number");
        };
        let mut idle = Vec::new();
        for _ in 0..threads {
            let (freed, is_freed) = mpsc::channel();
            let (end, is_end) = mpsc::channel::<()>();
            let thread = thread::spawn(move || {
                let mut heap = ThreadCached::new();
                // Those of these that are at hand at the end stay.
                let blocks: Vec<_> = (0..BYTES / 32768)
                    .map(|_| heap.allocate(layout(32768, 8)).expect("memory"))
                    .collect();
                for block in blocks.iter().take(200) {
                    // SAFETY: live, and goes back once.
                    unsafe { heap.deallocate(block.cast(), layout(32768, 8)) };
                }
                freed.send(()).expect("the test waits");
                is_end.recv().expect("the test goes on");
                heap.purge()
            });
            is_freed.recv().expect("the thread goes on");
            idle.push((thread, end));
        }
        let by_another = ThreadCached::new().purge();
        for (thread, end) in idle {
            end.send(()).expect("the thread waits");
            let by_itself = thread.join().expect("it ends");
            assert!(by_itself >= 200 * 32768, "{by_itself}");
        }
        assert!(by_another < 200 * 32768, "{by_another}");
    });
}
