//! What goes back to the OS and when, and what one class can use of another's memory.

use core::alloc::Layout;
use core::ptr::NonNull;
use std::time::{Duration, Instant};

use crate::support::{Random, is_mapped, passes_in_child, resident};
use core_api::{Allocator, Inspect};
use thread_cached::{PrivateHeap, ThreadCached};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).expect("a valid layout")
}

/// A block with every page touched.
fn allocate(heap: &mut impl Allocator, size: usize) -> NonNull<u8> {
    let block = heap.allocate(layout(size)).expect("memory").cast();
    // SAFETY: the block has `size` bytes.
    unsafe { NonNull::write_bytes(block, 1, size) };
    block
}

fn free(heap: &mut impl Allocator, block: NonNull<u8>, size: usize) {
    // SAFETY: the tests here free live blocks, once.
    unsafe { heap.deallocate(block, layout(size)) };
}

/// Blocks of 16 to 512 bytes, `total` bytes of them, in random order of size.
fn spike(heap: &mut impl Allocator, total: usize) -> Vec<(NonNull<u8>, usize)> {
    let mut random = Random(1);
    let mut blocks = Vec::new();
    let mut bytes = 0;
    while bytes < total {
        let size = 16 + random.below(497);
        blocks.push((allocate(heap, size), size));
        bytes += size;
    }
    blocks
}

fn heap() -> PrivateHeap {
    PrivateHeap::new().expect("address space")
}

#[test]
fn purging_leaves_only_pages_with_live_blocks() {
    passes_in_child("purging_leaves_only_pages_with_live_blocks", || {
        let mut heap = heap();
        // The list's own pages are resident before.
        let mut kept = vec![(NonNull::dangling(), 0); 100_000];
        kept.clear();
        let start = resident();
        let blocks = spike(&mut heap, 50 * MIB);
        for (index, &(block, size)) in blocks.iter().enumerate() {
            match index % 16 {
                0 => kept.push((block, size)),
                _ => free(&mut heap, block, size),
            }
        }
        drop(blocks);
        let peak = resident() - start;
        assert!(heap.purge() > 10 * MIB);
        let after = resident() - start;
        // Of pages with fifteen blocks, 63 in a hundred keep one by chance.
        assert!(after < peak / 4 * 3, "{peak} → {after}");
        heap.check().expect("a sound heap");
        for (block, size) in kept {
            // SAFETY: live, and filled with ones.
            let bytes = unsafe { core::slice::from_raw_parts(block.as_ptr(), size) };
            assert!(bytes.iter().all(|&byte| byte == 1));
            free(&mut heap, block, size);
        }
        heap.purge();
        let end = resident().saturating_sub(start);
        assert!(end < 3 * MIB, "{peak} → {after} → {end}");
        heap.check().expect("a sound heap");
    });
}

/// Nobody asks for it: a few blocks now and then are enough, of whichever thread.
#[test]
fn idle_memory_goes_back_by_itself() {
    passes_in_child("idle_memory_goes_back_by_itself", || {
        let mut heap = ThreadCached::new();
        let start = resident();
        std::thread::spawn(|| {
            let mut heap = ThreadCached::new();
            let blocks = spike(&mut heap, 50 * MIB);
            let blocks = blocks.into_iter();
            blocks.for_each(|(block, size)| free(&mut heap, block, size));
        })
        .join()
        .expect("it ends");
        let peak = resident();
        assert!(peak > start + 50 * MIB, "nothing goes back at once");
        let begin = Instant::now();
        while resident() > start + 5 * MIB {
            assert!(begin.elapsed() < Duration::from_secs(30), "{}", resident());
            for _ in 0..1000 {
                let block = allocate(&mut heap, 100);
                free(&mut heap, block, 100);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    });
}

#[test]
fn what_comes_and_goes_is_not_mapped_each_time() {
    // Hardened, giving its pages back clears a long block.
    let n = if cfg!(feature = "hardened") { 3 } else { 4 };
    for size in [100, 20 * KIB, 300 * KIB, 8 * MIB].into_iter().take(n) {
        let mut heap = ThreadCached::new();
        let before = faults();
        for _ in 0..100 {
            let block = allocate(&mut heap, size);
            free(&mut heap, block, size);
        }
        let pages = size / 4096 + 1;
        let n = faults() - before;
        assert!(n < 3 * pages + 100, "{n} page faults for {pages} pages");
    }
}

/// Page faults of this thread.
fn faults() -> usize {
    // SAFETY: the struct is plain numbers and outlives the call.
    let usage = unsafe {
        let mut usage: libc::rusage = core::mem::zeroed();
        libc::getrusage(libc::RUSAGE_THREAD, &mut usage);
        usage
    };
    usize::try_from(usage.ru_minflt).expect("a count")
}

#[test]
fn one_size_uses_what_another_left() {
    passes_in_child("one_size_uses_what_another_left", || {
        let mut heap = heap();
        let start = resident();
        for size in [64, 96, 200, 40, 400, 1000, 64, 3000, 120] {
            let mut blocks: Vec<_> = (0..10 * MIB / size)
                .map(|_| allocate(&mut heap, size))
                .collect();
            let mut random = Random(2);
            while !blocks.is_empty() {
                let block = blocks.swap_remove(random.below(blocks.len()));
                free(&mut heap, block, size);
            }
        }
        let most = resident() - start;
        assert!(most < 20 * MIB, "{most} bytes for phases of 10 MiB");
        heap.check().expect("a sound heap");
    });
}

/// A few blocks of each of many sizes share pages.
#[test]
fn a_little_of_every_size_takes_little() {
    passes_in_child("a_little_of_every_size_takes_little", || {
        // The second time, the program's own pages are resident.
        let [_, (grown, bytes)] = [(); 2].map(|()| {
            let mut heap = heap();
            let start = resident();
            let bytes = a_little_of_every_size(&mut heap);
            heap.check().expect("a sound heap");
            (resident() - start, bytes)
        });
        assert!(bytes > 90 * KIB, "{bytes} bytes");
        // The hardened mode's pools are in the header.
        let most = if cfg!(feature = "hardened") { 190 } else { 170 };
        assert!(grown <= most * KIB, "{grown} bytes for {bytes}");
    });
}

/// A block of each size in turn, four sizes for each doubling up to 8 KiB, until they have 100 KB.
fn a_little_of_every_size(heap: &mut PrivateHeap) -> usize {
    let sizes = (4..13).flat_map(|log2| (4..8).map(move |quarters| quarters << (log2 - 2)));
    let mut total = 0;
    for size in sizes.collect::<Vec<_>>().into_iter().cycle() {
        if total + size > 100_000 {
            break;
        }
        allocate(heap, size);
        total += size;
    }
    total
}

#[test]
fn zeroed_blocks_touch_no_page() {
    passes_in_child("zeroed_blocks_touch_no_page", || {
        let mut heap = ThreadCached::new();
        allocate(&mut heap, 1);
        let start = resident();
        for size in [100 * KIB, MIB, 100 * MIB] {
            for _ in 0..20 {
                heap.allocate_zeroed(layout(size)).expect("memory");
            }
        }
        let touched = resident() - start;
        assert!(touched < MIB, "{touched} bytes for 2 GiB of zeroes");
    });
}

#[test]
fn large_blocks_grow_without_copies_and_keep_their_bytes() {
    let mut heap = ThreadCached::new();
    let mut old = layout(MIB);
    let mut block = allocate(&mut heap, MIB);
    for mib in [2, 30, 40, 64, 200, 33, 5] {
        let new = layout(mib * MIB);
        let kept = old.size().min(new.size());
        // SAFETY: live, with its layout.
        let moved = unsafe {
            match new.size() > old.size() {
                true => heap.grow_zeroed(block, old, new),
                false => heap.shrink(block, old, new),
            }
        };
        block = moved.expect("memory").cast();
        // SAFETY: the block has that many bytes, of which the first MiB was filled.
        let bytes = unsafe { core::slice::from_raw_parts(block.as_ptr(), kept) };
        assert!(bytes[..MIB].iter().all(|&byte| byte == 1));
        assert!(bytes[MIB..].iter().all(|&byte| byte == 0));
        old = new;
    }
    // SAFETY: live, with its layout.
    unsafe { heap.deallocate(block, old) };
}

/// A block of several mappings to the kernel cannot be moved by it.
#[test]
fn a_block_that_the_kernel_cannot_move_is_copied() {
    let mut heap = ThreadCached::new();
    let (small, large) = (layout(40 << 20), layout(80 << 20));
    let block = heap.allocate(small).expect("room").cast::<u8>();
    // SAFETY: the block has 40 MiB, of which a page in the middle gets another flag.
    let grown = unsafe {
        block.add(7).write(42);
        let middle = block.add(20 << 20).as_ptr().cast();
        assert_eq!(libc::madvise(middle, 4096, libc::MADV_DONTFORK), 0);
        heap.grow(block, small, large)
    };
    let grown = grown.expect("there is memory").cast::<u8>();
    // SAFETY: the block is live and has this layout.
    unsafe {
        assert_eq!(grown.add(7).read(), 42);
        heap.deallocate(grown, large);
    }
}

/// Nothing as long as a region, or aligned beyond what one starts at, fits into it.
#[test]
fn what_no_region_can_hold_is_refused() {
    let mut heap = heap();
    for (size, align) in [
        (17 << 30, 8),
        (1 << 40, 4096),
        (1, 2 << 30),
        (4096, 1 << 40),
    ] {
        let layout = Layout::from_size_align(size, align).expect("a valid layout");
        assert!(heap.allocate(layout).is_err(), "{layout:?}");
    }
    let block = allocate(&mut heap, 64);
    free(&mut heap, block, 64);
}

#[test]
fn dropping_a_heap_unmaps_all_of_it() {
    // Alone: another test might map the addresses again.
    passes_in_child("dropping_a_heap_unmaps_all_of_it", || {
        let mut heap = heap();
        let small = allocate(&mut heap, 100).addr().get();
        let large = allocate(&mut heap, 40 * MIB).addr().get();
        assert!(is_mapped(small) && is_mapped(large));
        let moved = Box::new(heap);
        moved.check().expect("a heap can be moved");
        drop(moved);
        assert!(!is_mapped(small) && !is_mapped(large));
    });
}

#[test]
fn other_threads_free_the_blocks_of_a_heap() {
    let mut heap = heap();
    let blocks: Vec<_> = [24, 5000, 100 * KIB]
        .iter()
        .cycle()
        .take(999)
        .map(|&size| Sent(allocate(&mut heap, size), size))
        .collect();
    assert_eq!(heap.stats().n_used, 999);
    std::thread::spawn(move || {
        let mut any = ThreadCached::new();
        for Sent(block, size) in blocks {
            free(&mut any, block, size);
        }
    })
    .join()
    .expect("it ends");
    heap.check().expect("a sound heap");
    assert_eq!(heap.stats().n_used, 0);
}

struct Sent(NonNull<u8>, usize);

// SAFETY: the block is handed over.
unsafe impl Send for Sent {}
