//! Memory and shorthands for the tests.

use core::alloc::Layout;
use core::ops::ControlFlow;
use core::ptr::NonNull;

use core_api::{Allocator, BlockState, Fixed, Inspect, Region};
use headerless::HeaderlessHeap;

/// Returns `len` bytes at a multiple of 4096 that live as long as the tests.
pub(crate) fn filled(len: usize) -> Region {
    let layout = Layout::from_size_align(len.max(1), 4096).expect("a valid layout");
    // SAFETY: the layout's size is not 0.
    let base = NonNull::new(unsafe { std::alloc::alloc(layout) }).expect("memory for the test");
    // SAFETY: the memory is new, never freed, and used by nothing else.
    unsafe {
        base.write_bytes(0xA5, len);
        Region::new(base, len)
    }
}

/// Returns a heap in a region of `len` bytes.
pub(crate) fn heap(len: usize) -> HeaderlessHeap<Fixed> {
    HeaderlessHeap::new(
        // SAFETY: the region is new, and only this heap uses it.
        unsafe { Fixed::new(filled(len)) },
    )
}

pub(crate) fn bytes(size: usize) -> Layout {
    Layout::from_size_align(size, 1).expect("a valid layout")
}

/// Allocates a block of `size` bytes.
pub(crate) fn take(heap: &mut HeaderlessHeap<Fixed>, size: usize) -> NonNull<u8> {
    heap.allocate(bytes(size)).expect("room").cast()
}

/// Frees what `take` returned.
pub(crate) fn give(heap: &mut HeaderlessHeap<Fixed>, block: NonNull<u8>, size: usize) {
    // SAFETY: the tests free each block once, with its layout.
    unsafe { heap.deallocate(block, bytes(size)) };
}

/// Describes the heap in address order by state and size: `used 48, free 32`. Leaves out the bytes before the
/// first block and behind the last. Adjacent used blocks count as one.
pub(crate) fn blocks(heap: &impl Inspect) -> String {
    let mut all = Vec::new();
    let _ = heap.walk(&mut |block| {
        all.push(block);
        ControlFlow::Continue(())
    });
    let word = |state| match state {
        BlockState::Used => "used",
        BlockState::Free => "free",
        _ => "pad",
    };
    let inner = &all[1..all.len() - 1];
    let words: Vec<_> = inner
        .iter()
        .map(|block| format!("{} {}", word(block.state), block.size))
        .collect();
    words.join(", ")
}

/// As [`blocks`], but calls the top `top` without its size.
pub(crate) fn blocks_and_top(heap: &HeaderlessHeap<Fixed>) -> String {
    blocks(heap).replace(&format!("free {}", heap.top_len()), "top")
}
