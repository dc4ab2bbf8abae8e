//! Direct mappings: alignment, `mremap`, zero pages, the table, and the threshold that adapts.

use core::alloc::Layout;
use core::ptr::NonNull;

use crate::support::passes_in_child;
use core_api::{Allocator, Inspect, Misuse, SizelessFree};
use mmap_backed::MmapHeap;

const MIB: usize = 1 << 20;

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).expect("a valid layout")
}

/// Writes a pattern that names each page.
fn fill(block: NonNull<u8>, len: usize) {
    for at in (0..len).step_by(512) {
        // SAFETY: the caller has `len` bytes.
        unsafe { block.add(at).cast::<usize>().write(at) };
    }
}

fn assert_filled(block: NonNull<u8>, len: usize) {
    for at in (0..len).step_by(512) {
        // SAFETY: the caller has `len` bytes.
        assert_eq!(unsafe { block.add(at).cast::<usize>().read() }, at);
    }
}

fn assert_zero(block: NonNull<u8>, from: usize, to: usize) {
    // SAFETY: the caller has `to` initialized bytes.
    let bytes = unsafe { core::slice::from_raw_parts(block.as_ptr().add(from), to - from) };
    assert!(bytes.iter().all(|&byte| byte == 0));
}

/// A process may have about 65,000 mappings, and each second block that is freed leaves one alone.
#[test]
#[cfg(target_os = "linux")]
fn many_large_blocks_share_few_mappings() {
    passes_in_child("many_large_blocks_share_few_mappings", || {
        let n_mappings = || {
            let maps = std::fs::read_to_string("/proc/self/maps").expect("procfs");
            maps.lines().count()
        };
        let mut heap = MmapHeap::<16>::new();
        let before = n_mappings();
        let wanted = layout(200 << 10, 16);
        let blocks: Vec<NonNull<u8>> = (0..6000)
            .map(|_| heap.allocate(wanted).expect("address space").cast())
            .collect();
        for block in blocks.iter().step_by(2) {
            // SAFETY: live, with its layout.
            unsafe { heap.deallocate(*block, wanted) };
        }
        let n = n_mappings() - before;
        assert!(n < 1100, "{n} mappings for 3000 blocks");
        let huge = heap.allocate(layout(40 * MIB, 16)).expect("memory");
        assert!(n_mappings() > before + n, "the largest have their own");
        assert_eq!(huge.len(), 40 * MIB);
        heap.check().expect("a sound heap");
    });
}

#[test]
fn every_alignment_is_exact_and_its_padding_is_given_back() {
    for log2 in 3..=26 {
        let mut heap = MmapHeap::<8>::new();
        let wanted = layout(300_000, 1 << log2);
        let block = heap.allocate(wanted).expect("memory");
        assert_eq!(block.addr().get() % wanted.align(), 0);
        assert!(
            block.len() < 300_000 + 65_536,
            "the padding is not the block's"
        );
        assert_eq!(heap.mapped().direct, block.len());
        fill(block.cast(), 300_000);
        heap.check().expect("a sound heap");
        // SAFETY: live, with its layout.
        unsafe { heap.deallocate(block.cast(), wanted) };
        assert_eq!(heap.mapped().direct, 0);
    }
}

#[test]
fn growing_keeps_bytes_and_adds_zeroes() {
    let mut heap = MmapHeap::<8>::new();
    let mut old = layout(MIB, 8);
    let mut block = heap.allocate(old).expect("memory").cast();
    fill(block, MIB);
    for mib in [2, 3, 40] {
        let new = layout(mib * MIB, 8);
        // SAFETY: live, with its layout.
        let grown = unsafe { heap.grow_zeroed(block, old, new) }.expect("memory");
        block = grown.cast();
        assert_filled(block, MIB);
        assert_zero(block, old.size(), grown.len());
        assert_eq!(heap.mapped().n_direct, 1);
        heap.check().expect("a sound heap");
        old = new;
    }
    // SAFETY: live, with its layout.
    unsafe { heap.deallocate(block, old) };
}

#[test]
fn growing_clears_what_the_caller_wrote_beyond_its_size() {
    let mut heap = MmapHeap::<8>::new();
    let old = layout(MIB + 1, 8);
    let block = heap.allocate(old).expect("memory");
    // SAFETY: all of the slice is usable.
    unsafe { block.cast::<u8>().write_bytes(0xFF, block.len()) };
    let new = layout(2 * MIB, 8);
    // SAFETY: live, with its layout.
    let grown = unsafe { heap.grow_zeroed(block.cast(), old, new) }.expect("memory");
    assert_zero(grown.cast(), MIB + 1, grown.len());
}

#[test]
fn over_aligned_blocks_keep_their_alignment_as_they_grow() {
    let mut heap = MmapHeap::<8>::new();
    let old = layout(MIB, 2 * MIB);
    let block = heap.allocate(old).expect("memory").cast();
    fill(block, MIB);
    let new = layout(64 * MIB, 2 * MIB);
    // SAFETY: live, with its layout.
    let grown = unsafe { heap.grow(block, old, new) }.expect("memory");
    assert_eq!(grown.addr().get() % (2 * MIB), 0);
    assert_filled(grown.cast(), MIB);
    heap.check().expect("a sound heap");
}

#[test]
fn shrinking_gives_pages_back_and_small_blocks_return_to_the_heap() {
    let mut heap = MmapHeap::<8>::new();
    let large = layout(8 * MIB, 8);
    let block = heap.allocate(large).expect("memory").cast();
    fill(block, MIB);
    let smaller = layout(MIB, 8);
    // SAFETY: live, with its layout.
    let shrunk = unsafe { heap.shrink(block, large, smaller) }.expect("in place");
    assert_eq!(shrunk.addr(), block.addr());
    assert_eq!(heap.mapped().direct, MIB);
    let small = layout(4096, 8);
    // SAFETY: live, with its layout.
    let moved = unsafe { heap.shrink(shrunk.cast(), smaller, small) }.expect("memory");
    assert_filled(moved.cast(), 4096);
    assert_eq!(heap.mapped().n_direct, 0);
    heap.check().expect("a sound heap");
}

#[test]
fn blocks_cross_the_threshold_in_both_directions_without_layouts() {
    let mut heap = MmapHeap::<16>::new();
    let mut block = heap.allocate(layout(1000, 16)).expect("memory").cast();
    fill(block, 512);
    for size in [MIB, 2000, 3 * MIB, 16, MIB / 2, 700] {
        // SAFETY: live, and at a multiple of 16.
        block = unsafe { heap.realloc(block, layout(size, 16)) }
            .expect("memory")
            .cast();
        // SAFETY: live.
        assert!(unsafe { heap.usable_size(block) } >= size);
        assert_filled(block, 16);
        heap.check().expect("a sound heap");
    }
    // SAFETY: live.
    unsafe { heap.free(block) };
    assert_eq!(heap.stats().n_used, 0);
}

#[test]
fn a_thousand_mappings_are_found_again() {
    let mut heap = MmapHeap::<8>::new();
    let wanted = layout(heap.direct_from(), 8);
    let blocks: Vec<_> = (0..1000)
        .map(|_| heap.allocate(wanted).expect("memory"))
        .collect();
    assert_eq!(heap.mapped().n_direct, 1000);
    heap.check().expect("a sound heap");
    let (odd, even): (Vec<_>, Vec<_>) = blocks.iter().enumerate().partition(|(n, _)| n % 2 == 1);
    for (_, block) in odd {
        // SAFETY: live, with its layout.
        unsafe { heap.deallocate(block.cast(), wanted) };
    }
    heap.check().expect("a sound heap");
    for (_, block) in even {
        // SAFETY: live, with its layout.
        unsafe { heap.deallocate(block.cast(), wanted) };
    }
    assert_eq!(heap.mapped().direct, 0);
}

#[test]
fn a_loop_just_above_the_threshold_stops_mapping() {
    let mut heap = MmapHeap::<8>::new();
    let wanted = layout(heap.direct_from(), 8);
    let n_mapped = (0..100).filter(|_| {
        let block = heap.allocate(wanted).expect("memory");
        let is_direct = heap.mapped().n_direct == 1;
        // SAFETY: live, with its layout.
        unsafe { heap.deallocate(block.cast(), wanted) };
        is_direct
    });
    assert_eq!(n_mapped.count(), 1);
    assert!(heap.direct_from() > wanted.size());
    let committed = heap.mapped().committed;
    assert!(
        committed >= wanted.size(),
        "the free memory is kept for the next time"
    );
    heap.purge();
    assert!(heap.mapped().committed < committed);
    assert_eq!(heap.direct_from(), wanted.size(), "purging forgets");
}

#[test]
fn a_ramp_of_large_blocks_does_not_move_the_threshold() {
    let mut heap = MmapHeap::<8>::new();
    let before = heap.direct_from();
    let wanted = layout(MIB, 8);
    let blocks: Vec<_> = (0..50)
        .map(|_| heap.allocate(wanted).expect("memory"))
        .collect();
    for block in blocks {
        // SAFETY: live, with its layout.
        unsafe { heap.deallocate(block.cast(), wanted) };
    }
    assert_eq!(heap.direct_from(), before);
}

#[test]
fn misuse_is_seen_and_changes_nothing() {
    let mut heap = MmapHeap::<8>::new();
    let wanted = layout(MIB, 8);
    let block = heap.allocate(wanted).expect("memory").cast::<u8>();
    let small = heap.allocate(layout(24, 8)).expect("memory").cast::<u8>();
    // SAFETY: each call but the last is one of the mistakes that are found.
    unsafe {
        let inside = block.add(4096);
        assert_eq!(
            heap.try_deallocate(inside, wanted),
            Err(Misuse::ForeignPointer)
        );
        let elsewhere = NonNull::from(&mut 0_u64).cast();
        assert_eq!(
            heap.try_deallocate(elsewhere, layout(8, 8)),
            Err(Misuse::ForeignPointer)
        );
        let start = small.map_addr(|address| (address.get() & !4095).try_into().expect("not 0"));
        for nowhere in [small.add(1), start, start.add(1 << 30)] {
            let freed = heap.try_deallocate(nowhere, layout(8, 8));
            assert!(freed.is_err(), "{nowhere:?}");
        }
        let too_large = layout(2 * MIB, 8);
        assert_eq!(
            heap.try_deallocate(block, too_large),
            Err(Misuse::CorruptHeader)
        );
        assert_eq!(
            heap.try_deallocate(small, wanted),
            Err(Misuse::CorruptHeader)
        );
        heap.check().expect("a sound heap");
        assert_eq!(heap.try_deallocate(block, wanted), Ok(()));
        assert_eq!(
            heap.try_deallocate(block, wanted),
            Err(Misuse::ForeignPointer)
        );
        assert_eq!(heap.try_deallocate(small, layout(24, 8)), Ok(()));
        assert_eq!(
            heap.try_deallocate(small, layout(24, 8)),
            Err(Misuse::DoubleFree)
        );
    }
    heap.check().expect("a sound heap");
}
