//! Memory for the heaps of the exercises, and what can be seen of them.

use std::alloc::Layout;
use std::ops::ControlFlow;
use std::ptr::NonNull;

use core_api::{Allocator, Block, BlockState, Fixed, Inspect, Region};

/// Zeroed memory of `len` bytes that begins at a multiple of 4,096.
pub(crate) fn region(len: usize) -> Region {
    let bytes = Box::leak(vec![0_u8; len + 4096].into_boxed_slice());
    let start = bytes.as_ptr().align_offset(4096);
    let base = NonNull::from(&mut bytes[start..start + len]).cast();
    // SAFETY: leaked, and not used again but through the region.
    unsafe { Region::new(base, len) }
}

/// The same as a source.
pub(crate) fn fixed(region: Region) -> Fixed {
    // SAFETY: the region is handed out for one heap alone, since each caller has made it for that.
    unsafe { Fixed::new(region) }
}

/// A layout aligned to 8.
pub(crate) fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).expect("a valid layout")
}

/// Allocates `size` bytes; where they are and how many they are, or `None`.
pub(crate) fn allocate(heap: &mut impl Allocator, size: usize) -> Option<NonNull<[u8]>> {
    heap.allocate(layout(size)).ok()
}

/// The same, where there must be room.
pub(crate) fn take(heap: &mut impl Allocator, size: usize) -> NonNull<u8> {
    allocate(heap, size).expect("there is room").cast()
}

/// Frees a block of `size` bytes.
pub(crate) fn free(heap: &mut impl Allocator, block: NonNull<u8>, size: usize) {
    // SAFETY: the exercises free what they allocated with this layout, once.
    unsafe { heap.deallocate(block, layout(size)) }
}

/// The address of a block.
pub(crate) fn at(block: NonNull<u8>) -> usize {
    block.addr().get()
}

/// The sizes of the free blocks, in address order.
pub(crate) fn free_sizes(heap: &impl Inspect) -> Vec<usize> {
    let mut sizes = Vec::new();
    let _ = heap.walk(&mut |block: Block| {
        if block.state == BlockState::Free {
            sizes.push(block.size);
        }
        ControlFlow::Continue(())
    });
    sizes
}

/// The walk's block that holds `address`.
pub(crate) fn block_at(heap: &impl Inspect, address: usize) -> Block {
    let mut found = None;
    let _ = heap.walk(&mut |block: Block| {
        if (block.address..block.end()).contains(&address) {
            found = Some(block);
        }
        ControlFlow::Continue(())
    });
    found.expect("the address is in the heap")
}

/// `len` bytes from `address` on, which the region holds.
pub(crate) fn bytes(region: Region, address: usize, len: usize) -> Vec<u8> {
    assert!(address >= region.start() && address + len <= region.end());
    // SAFETY: bytes of the region, which were zero from the start; nothing writes to them meanwhile.
    (0..len)
        .map(|offset| unsafe { region.at(address + offset).read() })
        .collect()
}

/// Bytes as the exercises write them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(" ")
}
