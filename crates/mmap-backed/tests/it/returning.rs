//! What goes back to the OS, when, and what happens when the OS has no more.

use core::alloc::Layout;
use core::ptr::NonNull;

use crate::support::{Random, is_mapped, passes_in_child, resident};
use core_api::{Allocator, Inspect, Source};
use mmap_backed::{MmapHeap, Reservation};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).expect("a valid layout")
}

/// A block with every page touched.
fn allocate(heap: &mut MmapHeap, size: usize) -> NonNull<u8> {
    let block = heap.allocate(layout(size)).expect("memory").cast();
    // SAFETY: the block has `size` bytes.
    unsafe { NonNull::write_bytes(block, 1, size) };
    block
}

fn free(heap: &mut MmapHeap, block: NonNull<u8>, size: usize) {
    // SAFETY: the tests here free live blocks, once.
    unsafe { heap.deallocate(block, layout(size)) };
}

#[test]
fn nothing_is_mapped_before_the_first_block() {
    let heap = MmapHeap::<8>::new();
    assert_eq!(heap.mapped(), mmap_backed::Mapped::default());
    heap.check().expect("a sound heap");
}

#[test]
fn the_end_follows_what_is_live() {
    let mut heap = MmapHeap::<8>::new();
    let blocks: Vec<_> = (0..10_000).map(|_| allocate(&mut heap, 1000)).collect();
    let peak = heap.mapped().committed;
    assert!((10_000 * 1000..12_500 * 1000).contains(&peak), "{peak}");
    for block in blocks.into_iter().rev() {
        free(&mut heap, block, 1000);
    }
    let left = heap.mapped().committed;
    assert!(left <= 256 * KIB, "{left} bytes committed for nothing");
    heap.check().expect("a sound heap");
}

#[test]
fn a_small_tide_costs_system_calls_once() {
    let mut heap = MmapHeap::<8>::new();
    let mut low_waters = Vec::new();
    for _ in 0..20 {
        let blocks: Vec<_> = (0..1000).map(|_| allocate(&mut heap, 1000)).collect();
        for block in blocks.into_iter().rev() {
            free(&mut heap, block, 1000);
        }
        low_waters.push(heap.mapped().committed);
    }
    assert!(
        low_waters[0] < 300 * KIB,
        "the first ebb is followed: {low_waters:?}"
    );
    assert!(
        low_waters[19] > 900 * KIB,
        "later ones are waited out: {low_waters:?}"
    );
    assert!(
        low_waters[10..]
            .iter()
            .all(|&low| low > low_waters[10] / 10 * 9),
        "and kept: {low_waters:?}"
    );
    heap.purge();
    assert!(heap.mapped().committed <= 64 * KIB, "{:?}", heap.mapped());
}

#[test]
fn holes_are_purged_and_read_as_zero_or_anything() {
    passes_in_child("holes_are_purged_and_read_as_zero_or_anything", || {
        let mut heap = MmapHeap::<8>::new();
        let start = resident();
        let large: Vec<_> = (0..300).map(|_| allocate(&mut heap, 100 * KIB)).collect();
        let last = allocate(&mut heap, 100);
        assert!(resident() > start + 29 * MIB);
        for block in large {
            free(&mut heap, block, 100 * KIB);
        }
        let kept = resident() - start;
        assert!(kept < 2 * MIB, "{kept} bytes resident below one live block");
        heap.check().expect("a sound heap");
        free(&mut heap, last, 100);
    });
}

/// Holes of a heap that goes on are not purged each time, nor kept for ever.
#[test]
fn few_holes_stay_and_many_go_back() {
    passes_in_child("few_holes_stay_and_many_go_back", || {
        let mut heap = MmapHeap::<8>::new();
        let start = resident();
        let blocks: Vec<_> = (0..2000).map(|_| allocate(&mut heap, 20 * KIB)).collect();
        let full = resident() - start;
        let (few, rest) = blocks.split_at(40);
        for &block in few.iter().step_by(2) {
            free(&mut heap, block, 20 * KIB);
        }
        assert!(resident() - start > full - 64 * KIB, "400 KiB of holes");
        let (go, stay): (Vec<_>, Vec<_>) = rest.iter().enumerate().partition(|(n, _)| n % 20 != 0);
        for (_, &block) in go {
            free(&mut heap, block, 20 * KIB);
        }
        let live = (stay.len() + 20) * 20 * KIB;
        let kept = resident() - start - live;
        assert!(
            kept < full / 20 + MIB,
            "{kept} of {full} bytes resident beside {live} live ones"
        );
        heap.check().expect("a sound heap");
    });
}

#[test]
fn purge_drops_every_free_page_now() {
    passes_in_child("purge_drops_every_free_page_now", || {
        let mut heap = MmapHeap::<8>::new();
        let start = resident();
        let blocks: Vec<_> = (0..2000).map(|_| allocate(&mut heap, 20 * KIB)).collect();
        let (go, stay): (Vec<_>, Vec<_>) = blocks.iter().enumerate().partition(|(n, _)| n % 8 != 0);
        for (_, &block) in go {
            free(&mut heap, block, 20 * KIB);
        }
        let purged = heap.purge();
        assert!(purged > 30 * MIB, "{purged}");
        let live = stay.len() * 20 * KIB;
        let overhead = resident() - start - live;
        assert!(
            overhead < 5 * MIB,
            "{overhead} bytes beside {live} live ones"
        );
        for (_, block) in stay {
            // SAFETY: live, and filled with ones.
            let bytes = unsafe { core::slice::from_raw_parts(block.as_ptr(), 20 * KIB) };
            assert!(bytes.iter().all(|&byte| byte == 1));
        }
        heap.check().expect("a sound heap");
    });
}

/// The roadmap's ramp, on a heap of its own: every size up to 64 KiB, freed in random order.
#[test]
fn resident_memory_returns_after_a_ramp() {
    passes_in_child("resident_memory_returns_after_a_ramp", || {
        let mut heap = MmapHeap::<8>::new();
        let mut random = Random(1);
        let mut blocks = Vec::with_capacity(200_000);
        blocks.resize(200_000, (NonNull::dangling(), 0));
        let start = resident();
        let mut total = 0;
        for slot in &mut blocks {
            let size = 16 << random.below(random.0 as usize % 12 + 1);
            *slot = (allocate(&mut heap, size), size);
            total += size;
        }
        let peak = resident();
        assert!(peak > start + total / 10 * 9);
        for last in (0..blocks.len()).rev() {
            blocks.swap(last, random.below(last + 1));
            let (block, size) = blocks[last];
            free(&mut heap, block, size);
        }
        let end = resident();
        println!("resident: {start} → {peak} → {end}, {:?}", heap.mapped());
        assert!(end <= start + start / 10, "{start} → {peak} → {end}");
    });
}

#[test]
fn zeroed_blocks_touch_no_page() {
    passes_in_child("zeroed_blocks_touch_no_page", || {
        let mut heap = MmapHeap::<8>::new();
        allocate(&mut heap, 1);
        let start = resident();
        for _ in 0..500 {
            heap.allocate_zeroed(layout(100 * KIB)).expect("memory");
            heap.allocate_zeroed(layout(MIB)).expect("memory");
        }
        let touched = resident() - start;
        // A header and a page table entry now and then.
        assert!(touched < 6 * MIB, "{touched} bytes for 550 MiB of zeroes");
    });
}

#[test]
fn a_small_block_that_grows_with_zeroes_touches_no_page() {
    passes_in_child(
        "a_small_block_that_grows_with_zeroes_touches_no_page",
        || {
            let mut heap = MmapHeap::<8>::new();
            let block = allocate(&mut heap, 64);
            let start = resident();
            // SAFETY: the block was allocated with the layout just now and is not used again.
            let grown = unsafe { heap.grow_zeroed(block, layout(64), layout(512 * MIB)) };
            let touched = resident() - start;
            assert!(grown.is_ok());
            assert!(touched < MIB, "{touched} bytes for 512 MiB of zeroes");
        },
    );
}

#[test]
fn dropping_a_heap_unmaps_all_of_it() {
    // Alone: another test might map the addresses again.
    passes_in_child("dropping_a_heap_unmaps_all_of_it", || {
        let mut heap = MmapHeap::<8>::new();
        let other = &mut MmapHeap::<8>::new();
        let small = allocate(&mut heap, 100).addr().get();
        let large = allocate(&mut heap, MIB).addr().get();
        let alive = allocate(other, 100);
        assert!(is_mapped(small) && is_mapped(large));
        let moved = Box::new(heap);
        moved.check().expect("a heap can be moved");
        drop(moved);
        assert!(!is_mapped(small) && !is_mapped(large));
        free(other, alive, 100);
    });
}

#[test]
fn many_heaps_live_side_by_side() {
    let mut heaps: Vec<_> = (0..64).map(|_| MmapHeap::<8>::new()).collect();
    let blocks: Vec<_> = heaps.iter_mut().map(|heap| allocate(heap, 1000)).collect();
    for (heap, &block) in heaps.iter_mut().zip(&blocks) {
        heap.check().expect("a sound heap");
        assert_eq!(heap.stats().n_used, 1);
        free(heap, block, 1000);
    }
}

#[test]
fn a_full_reservation_is_an_error_and_the_heap_goes_on() {
    let mut heap = MmapHeap::<8>::with_limit(MIB);
    let mut blocks = Vec::new();
    while let Ok(block) = heap.allocate(layout(1000)) {
        blocks.push(block.cast());
    }
    assert!(
        blocks.len() > 1000,
        "{} blocks of 1,000 bytes in 1 MiB",
        blocks.len()
    );
    assert_eq!(heap.mapped().committed, MIB);
    let page = allocate(&mut heap, 64 * KIB);
    assert_eq!(
        heap.mapped().n_direct,
        1,
        "a block of a page or more finds a mapping"
    );
    free(&mut heap, page, 64 * KIB);
    for block in blocks.drain(..) {
        free(&mut heap, block, 1000);
    }
    heap.check().expect("a sound heap");
    assert_eq!(heap.stats().n_used, 0);
    let again = allocate(&mut heap, 1000);
    free(&mut heap, again, 1000);
}

#[test]
fn a_limited_address_space_is_shared_with_the_program() {
    passes_in_child("a_limited_address_space_is_shared_with_the_program", || {
        limit_address_space(600 * MIB);
        let mut heap = MmapHeap::<8>::new();
        let small = allocate(&mut heap, 1000);
        let reserved = heap.mapped().reserved;
        assert!((64 * MIB..=256 * MIB).contains(&reserved), "{reserved}");

        let mut blocks = Vec::new();
        while let Ok(block) = heap.allocate(layout(MIB)) {
            blocks.push(block.cast());
        }
        let total = blocks.len() * MIB;
        assert!(
            (300 * MIB..600 * MIB).contains(&total),
            "{total} bytes until the limit"
        );
        assert!(heap.allocate(layout(64 * MIB)).is_err());
        heap.check().expect("a sound heap");

        for block in blocks.drain(..) {
            free(&mut heap, block, MIB);
        }
        let again = allocate(&mut heap, 64 * MIB);
        free(&mut heap, again, 64 * MIB);
        free(&mut heap, small, 1000);
        heap.check().expect("a sound heap");
    });
}

fn limit_address_space(bytes: usize) {
    let limit = libc::rlimit {
        rlim_cur: bytes as libc::rlim_t,
        rlim_max: bytes as libc::rlim_t,
    };
    // SAFETY: the struct outlives the call.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
}

#[test]
fn a_reservation_extends_and_releases_whole_pages_that_are_zero() {
    let mut source = Reservation::with_limit(8 * MIB);
    let page = source.granularity();
    let region = source.acquire(1).expect("memory");
    assert!(source.acquire(1).is_none(), "there is one region");
    // SAFETY: each region is the one returned last, and its bytes are ours.
    unsafe {
        let longer = source.extend(region, MIB).expect("memory");
        assert_eq!(longer.base(), region.base());
        assert!(longer.len() >= region.len() + MIB && longer.len().is_multiple_of(page));
        longer.base().write_bytes(7, longer.len());
        let shorter = source.release_tail(longer, MIB + page / 2);
        assert_eq!(shorter.len(), longer.len() - MIB);
        let again = source.extend(shorter, MIB).expect("memory");
        let tail = core::slice::from_raw_parts(again.at_offset(shorter.len()), MIB);
        assert!(tail.iter().all(|&byte| byte == 0));
        assert!(source.extend(again, 8 * MIB).is_none());
        assert_eq!(source.committed(), again.len(), "a refusal changes nothing");
        source.release(again);
    }
    assert_eq!(source.committed(), 0);
    assert!(source.acquire(8 * MIB).is_some());
}
