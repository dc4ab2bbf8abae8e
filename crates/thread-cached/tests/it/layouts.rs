//! Blocks that are freed with another size than the one that chose their class: each goes back to
//! where it is from, whatever the size says.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{Allocator, Inspect};
use thread_cached::{PrivateHeap, ThreadCached};

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).expect("a valid layout")
}

fn allocate(heap: &mut impl Allocator, layout: Layout) -> NonNull<[u8]> {
    heap.allocate(layout).expect("memory")
}

/// Frees `block` with `freed_with`: the heap is sound, and has the block for the next request that
/// is like the one it was for.
fn comes_back(heap: &mut PrivateHeap, block: NonNull<u8>, freed_with: Layout, asked: Layout) {
    // SAFETY: the tests here free live blocks with a layout that fits.
    unsafe { heap.deallocate(block, freed_with) };
    heap.check()
        .unwrap_or_else(|broken| panic!("{asked:?} freed with {freed_with:?}: {broken}"));
    let again = allocate(heap, asked).cast();
    // Hardened, a block rests first.
    if !cfg!(feature = "hardened") {
        assert_eq!(again, block, "{asked:?} freed with {freed_with:?}");
    }
    // SAFETY: as above.
    unsafe { heap.deallocate(again, asked) };
}

#[test]
fn shrunk_and_grown_in_place() {
    let mut heap = PrivateHeap::new().expect("address space");
    let cases = [
        (48, 17),
        (128, 75),
        (1000, 600),
        (1000, 1020),
        (4000, 2100),
        (20_000, 13_000),
        (40_000, 30_000),
    ];
    for (size, new_size) in cases {
        let asked = layout(size, 8);
        let block = allocate(&mut heap, asked).cast();
        // SAFETY: the block is live and has this layout.
        let resized = unsafe { heap.resize_in_place(block, asked, new_size) };
        let resized = resized.expect("room where it is");
        assert_eq!(resized.cast(), block);
        let usable = resized.len();
        assert!(usable >= new_size);
        // Hardened, a block has the size that was asked for last, and no other.
        let now_fits = if size <= 32_768 && !cfg!(feature = "hardened") {
            asked
        } else {
            layout(usable, 8)
        };
        comes_back(&mut heap, block, layout(new_size, 8), now_fits);
    }
}

#[test]
fn aligned_to_more_than_their_class_asks_for() {
    let mut heap = PrivateHeap::new().expect("address space");
    for size in [1, 24, 100, 136, 900, 3000, 20_000] {
        for align in [16, 32, 64, 512, 4096] {
            let asked = layout(size, align);
            let block = allocate(&mut heap, asked).cast();
            comes_back(&mut heap, block, asked, asked);
        }
    }
}

/// Of the smallest blocks each has pages of its own from some alignment on, and a mapping of its own
/// from another.
#[test]
fn small_and_aligned_to_much() {
    let mut heaps = ThreadCached::new();
    for size in (1..=1024).step_by(31) {
        for log2 in 4..=26 {
            let asked = layout(size, 1 << log2);
            let blocks = [(); 2].map(|()| heaps.allocate(asked).expect("memory"));
            for block in blocks {
                assert!(block.len() >= size && block.addr().get().is_multiple_of(1 << log2));
                // SAFETY: the block has `size` bytes, and is freed once.
                unsafe {
                    block.cast::<u8>().write_bytes(1, size);
                    heaps.deallocate(block.cast(), asked);
                }
            }
        }
    }
    heaps.check().expect("sound heaps");
}

#[test]
fn freed_with_any_size_up_to_the_usable_one() {
    let mut heap = PrivateHeap::new().expect("address space");
    for size in [1, 17, 130, 1025, 4097, 24_577, 32_769] {
        let asked = layout(size, 8);
        let block = allocate(&mut heap, asked);
        for freed_with in [size, (size + block.len()) / 2, block.len()] {
            let block = allocate(&mut heap, asked).cast();
            comes_back(&mut heap, block, layout(freed_with, 8), asked);
        }
    }
}

#[test]
fn of_another_heap() {
    let mut heap = PrivateHeap::new().expect("address space");
    let asked = layout(72, 8);
    // Its heap has a block of the same size at hand.
    let own = allocate(&mut ThreadCached::new(), asked).cast();
    // SAFETY: allocated above.
    unsafe { ThreadCached::new().deallocate(own, asked) };
    let block = allocate(&mut heap, asked).cast();
    // SAFETY: a block of a live heap, which any thread may free.
    unsafe { ThreadCached::new().deallocate(block, asked) };
    heap.check().expect("sound");
    assert_eq!(heap.stats().n_used, 0);
    let next = allocate(&mut ThreadCached::new(), asked).cast();
    assert!(next == own || cfg!(feature = "hardened"));
    // SAFETY: allocated above.
    unsafe { ThreadCached::new().deallocate(next, asked) };
}
