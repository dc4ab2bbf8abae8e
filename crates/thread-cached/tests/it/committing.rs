//! What a system that does not overcommit counts, and what happens when it refuses.

use core::alloc::Layout;
use core::ptr::NonNull;
use std::sync::Barrier;

use crate::support::{counted, in_child, limit_counted, passes_in_child};
use core_api::{Allocator, Inspect, Misuse, SizelessFree, fatal};
use thread_cached::{PrivateHeap, ThreadCached};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// What a heap with a few blocks may count, with one new slab of each size.
const LEAST: usize = 512 * KIB;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).expect("a valid layout")
}

/// A block with every byte written.
fn allocate(heap: &mut impl Allocator, size: usize) -> Option<NonNull<u8>> {
    let block = heap.allocate(layout(size)).ok()?.cast();
    // SAFETY: the block has `size` bytes.
    unsafe { NonNull::write_bytes(block, 1, size) };
    Some(block)
}

#[test]
fn a_heap_counts_what_it_uses() {
    passes_in_child("a_heap_counts_what_it_uses", || {
        let mut heap = ThreadCached::new();
        let start = counted();
        allocate(&mut heap, 100).expect("memory");
        let first = counted() - start;
        assert!((64 * KIB..LEAST).contains(&first), "{first} bytes at first");
        for _ in 0..100 * MIB / 200 {
            allocate(&mut heap, 200).expect("memory");
        }
        let grown = counted() - start;
        assert!(grown > 100 * MIB, "{grown}");
        // The next step, and when hardened the blocks' states.
        assert!(grown < 130 * MIB, "{grown} bytes for 100 MiB");
        heap.check().expect("a sound heap");
    });
}

/// Half of what there is comes and goes, which counts once.
#[test]
fn what_is_used_again_counts_once() {
    passes_in_child("what_is_used_again_counts_once", || {
        let mut heap = ThreadCached::new();
        let start = counted();
        for round in 0..10 {
            let size = 500 + 1000 * round;
            let blocks: Vec<_> = (0..20 * MIB / size)
                .map(|_| allocate(&mut heap, size).expect("memory"))
                .collect();
            for block in blocks {
                // SAFETY: live, with this layout.
                unsafe { heap.deallocate(block, layout(size)) };
            }
        }
        let grown = counted() - start;
        assert!(grown < 40 * MIB, "{grown} bytes for rounds of 20 MiB");
    });
}

#[test]
fn each_thread_counts_little() {
    passes_in_child("each_thread_counts_little", || {
        const N: usize = 8;
        let (before, during) = (Barrier::new(N + 1), Barrier::new(N + 1));
        std::thread::scope(|scope| {
            let [mut start, mut end] = [0; 2];
            for _ in 0..N {
                scope.spawn(|| {
                    before.wait();
                    before.wait();
                    allocate(&mut ThreadCached::new(), 100).expect("memory");
                    during.wait();
                    during.wait();
                });
            }
            before.wait();
            start += counted();
            before.wait();
            during.wait();
            end += counted();
            during.wait();
            let grown = end - start;
            assert!(grown < N * LEAST, "{grown} bytes for {N} heaps");
        });
    });
}

#[test]
fn large_blocks_and_private_heaps_count_what_they_have() {
    let name = "large_blocks_and_private_heaps_count_what_they_have";
    passes_in_child(name, || {
        let start = counted();
        let heap = PrivateHeap::new().expect("memory");
        let grown = counted() - start;
        assert!(grown < LEAST, "{grown} bytes for a heap");
        drop(heap);
        assert!(counted() <= start, "a heap that is gone");
        let mut heap = ThreadCached::new();
        allocate(&mut heap, 100).expect("memory");
        let start = counted();
        let (old, new) = (layout(40 * MIB), layout(100 * MIB));
        let block = heap.allocate(old).expect("memory").cast();
        assert_eq!(counted() - start, 40 * MIB);
        // SAFETY: live, with its layout.
        unsafe {
            let block = heap.grow(block, old, new).expect("memory").cast();
            assert_eq!(counted() - start, 100 * MIB);
            heap.deallocate(block, new);
        }
        assert_eq!(counted(), start);
    });
}

/// Refused memory is no block, and nothing else: what is free serves on. Nothing is asserted with the
/// limit set: a panic needs memory.
#[test]
fn a_heap_whose_memory_is_refused_goes_on() {
    passes_in_child("a_heap_whose_memory_is_refused_goes_on", || {
        // Hardened, large blocks have guards, and to open these again the system must grant two pages.
        let n = if cfg!(feature = "hardened") { 2 } else { 4 };
        for size in [200, 5000, 100_000, 3 * MIB].into_iter().take(n) {
            let mut heap = PrivateHeap::new().expect("memory");
            let most = 72 * MIB / size;
            let mut blocks: Vec<NonNull<u8>> = Vec::with_capacity(most);
            let before = limit_counted(64 * MIB);
            blocks.extend((0..most).map_while(|_| allocate(&mut heap, size)));
            let (n, has_another) = (blocks.len(), PrivateHeap::new().is_ok());
            for block in blocks.drain(n / 2..) {
                // SAFETY: live, with this layout.
                unsafe { heap.deallocate(block, layout(size)) };
            }
            blocks.extend((n / 2..n).map_while(|_| allocate(&mut heap, size)));
            // SAFETY: the limit that was.
            unsafe { libc::setrlimit(libc::RLIMIT_DATA, &before) };
            assert!(n < most, "{size}: nothing was refused");
            assert!(n * size > 40 * MIB, "{n} blocks of {size} bytes");
            assert!(size > MIB || !has_another, "{size}: no memory is left");
            assert_eq!(blocks.len(), n, "{size}: what was freed serves again");
            heap.check().expect("a sound heap");
        }
    });
}

/// What the heap did not reach yet has no kinds to be looked at.
#[test]
fn a_pointer_beyond_what_is_used_is_foreign() {
    const SEEN: i32 = 42;
    let output = in_child("a_pointer_beyond_what_is_used_is_foreign", || {
        fatal::set_handler(|misuse| {
            let is_expected = misuse == Misuse::ForeignPointer;
            // SAFETY: always allowed.
            unsafe { libc::_exit(if is_expected { SEEN } else { 1 }) }
        });
        let mut heap = ThreadCached::new();
        let block = allocate(&mut heap, 100).expect("memory");
        let beyond = block.map_addr(|address| address.saturating_add(9 << 30));
        // SAFETY: the mistake that is found.
        unsafe { heap.free(beyond) };
    });
    if let Some(output) = output {
        assert_eq!(output.status.code(), Some(SEEN), "{output:?}");
    }
}
