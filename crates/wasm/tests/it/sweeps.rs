//! What sweeps merge, and in which order blocks are used again.

use core_api::{Allocator, Inspect};

use crate::common::{bytes, give, heap, take};

#[test]
fn the_block_freed_last_is_used_first() {
    let mut heap = heap(1 << 16);
    let blocks = [
        take(&mut heap, 40),
        take(&mut heap, 40),
        take(&mut heap, 40),
    ];
    for block in blocks {
        give(&mut heap, block, 40);
    }
    let again = [(); 3].map(|()| take(&mut heap, 33));
    assert_eq!(again, [blocks[2], blocks[1], blocks[0]]);
}

#[test]
fn neighbours_stay_apart_until_they_are_needed() {
    let mut heap = heap(4096);
    let all: Vec<_> = (0..256).map(|_| take(&mut heap, 16)).collect();
    for &block in &all {
        give(&mut heap, block, 16);
    }
    assert_eq!(heap.stats().n_free, 256);
    let whole = take(&mut heap, 4096);
    assert_eq!(whole, all[0]);
}

/// Every second block stays used, so nothing touches.
#[test]
fn a_sweep_merges_only_what_touches() {
    let mut heap = heap(4096);
    let all: Vec<_> = (0..256).map(|_| take(&mut heap, 16)).collect();
    for pair in all.chunks_exact(2) {
        give(&mut heap, pair[0], 16);
    }
    assert!(heap.allocate(bytes(32)).is_err());
    assert_eq!(heap.stats().n_free, 128);
    heap.check().expect("a sound heap");
    give(&mut heap, all[101], 16);
    assert_eq!(take(&mut heap, 48), all[100], "between its neighbours");
}

#[test]
fn a_larger_block_is_cut_and_its_rest_is_open() {
    let mut heap = heap(1 << 12);
    let large = take(&mut heap, 1024);
    take(&mut heap, 3072);
    give(&mut heap, large, 1024);
    let first = take(&mut heap, 200);
    let second = take(&mut heap, 200);
    assert_eq!(first, large);
    assert_eq!(second.addr().get() - first.addr().get(), 208);
}

#[test]
fn many_free_blocks_are_sorted() {
    const N: usize = 20_000;
    let mut heap = heap(N * 16);
    let mut all: Vec<_> = (0..N)
        .map(|_| heap.allocate(bytes(16)).expect("room").cast::<u8>())
        .collect();
    // A multiplier without a common factor with `N` visits every block once.
    for index in 0..N {
        let block = all[index * 7_919 % N];
        // SAFETY: the block is live, and this loop frees it once.
        unsafe { heap.deallocate(block, bytes(16)) };
    }
    all.sort_unstable();
    assert_eq!(take(&mut heap, N * 16), all[0]);
}
