//! A heap is the same wherever it lies: offsets of 32 bits in its blocks, and no addresses.
//!
//! This is what makes the format that of 32-bit systems, too, where these tests are not run: the same
//! program is played at the end of the first 4 GiB, where an address plus a little has more than 32
//! bits, and far above.
use core::alloc::Layout;
use core::ptr::{NonNull, null_mut};

use coalescing::{CoalescingHeap, Deferred, Immediate, Merging};
use core_api::{Allocator, Fixed, Inspect, Region};

const LEN: usize = 1 << 20;

/// Zeroed memory, as near to `wish` as the system has it free; unmapped when the process ends.
fn memory(wish: usize) -> Region {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    let hint = null_mut::<libc::c_void>().wrapping_byte_add(wish);
    // SAFETY: without `MAP_FIXED` the address is a wish, and the pages are nobody's.
    let base = unsafe { libc::mmap(hint, LEN, access, flags, -1, 0) };
    assert_ne!(base, libc::MAP_FAILED);
    // SAFETY: the mapping is new, `LEN` bytes long, and stays.
    unsafe { Region::new(NonNull::new(base.cast()).expect("an address"), LEN) }
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).expect("a layout")
}

/// Allocates, resizes and frees by the same numbers each time; returns where the live blocks begin,
/// from the region's start.
fn play<M: Merging>(region: Region) -> Vec<usize> {
    // SAFETY: the region is handed out for this heap alone.
    let mut heap = CoalescingHeap::<_, 8, M>::new(unsafe { Fixed::new(region) });
    let mut live: Vec<(NonNull<u8>, Layout)> = Vec::new();
    let mut state = 1_u64;
    let mut below = |end: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % end
    };
    for _ in 0..20_000 {
        match below(8) {
            0..=3 => {
                let most = 1 << below(13);
                let layout = layout(1 + below(most), 8 << below(4));
                if let Ok(block) = heap.allocate(layout) {
                    live.push((block.cast(), layout));
                }
            }
            4 if !live.is_empty() => {
                let nth = below(live.len());
                let (block, old) = live[nth];
                let new = layout(1 + below(5_000), old.align());
                // SAFETY: the block is live with this layout.
                let resized = unsafe {
                    match new.size() > old.size() {
                        true => heap.grow(block, old, new),
                        false => heap.shrink(block, old, new),
                    }
                };
                if let Ok(moved) = resized {
                    live[nth] = (moved.cast(), new);
                }
            }
            _ if !live.is_empty() => {
                let (block, layout) = live.swap_remove(below(live.len()));
                // SAFETY: the block is live with this layout and is not used again.
                unsafe { heap.deallocate(block, layout) };
            }
            _ => (),
        }
    }
    heap.check().expect("a sound heap");
    let offset = |(block, _): &(NonNull<u8>, Layout)| block.addr().get() - region.start();
    live.iter().map(offset).collect()
}

fn bytes(region: Region) -> &'static [u8] {
    // SAFETY: the memory stays, and the heap in it is gone.
    unsafe { core::slice::from_raw_parts(region.base().as_ptr(), region.len()) }
}

fn compare<M: Merging>(low: Region, high: Region) {
    let offsets = play::<M>(low);
    assert!(offsets.len() > 100, "{} blocks", offsets.len());
    assert_eq!(offsets, play::<M>(high));
    assert!(bytes(low) == bytes(high), "the heaps have the same bytes");
}

#[test]
fn a_heap_at_the_end_of_32_bits_has_the_bytes_of_one_far_above() {
    let (low, high) = (memory((1 << 32) - LEN), memory(0x6000_0000_0000));
    assert_eq!(low.end(), 1 << 32, "nobody else has these pages");
    assert!(high.start() >> 32 != 0, "far above");
    compare::<Immediate>(low, high);
    compare::<Deferred>(low, high);
}

/// Sizes that a 32-bit `usize` can just hold are refused, and change nothing.
#[test]
fn requests_at_the_end_of_32_bits_are_refused() {
    let region = memory(1 << 31);
    // SAFETY: the region is handed out for this heap alone.
    let mut heap = CoalescingHeap::<_, 8, Immediate>::new(unsafe { Fixed::new(region) });
    let block = heap.allocate(layout(100, 8)).expect("room");
    let largest = heap.largest_free();
    for size in (0..64).flat_map(|less| [(1 << 31) - less, (1 << 32) - less, (1 << 35) - less]) {
        assert!(heap.allocate(layout(size, 8)).is_err(), "{size}");
        assert!(heap.allocate(layout(size, 4096)).is_err(), "{size}");
        // SAFETY: the block is live with this layout.
        let grown = unsafe { heap.resize_in_place(block.cast(), layout(100, 8), size) };
        assert!(grown.is_err(), "{size}");
    }
    assert_eq!(heap.largest_free(), largest);
    heap.check().expect("a sound heap");
}
