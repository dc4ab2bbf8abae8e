//! The global allocator: the chosen heap, and before there is one, memory that is never used again.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::subject;

#[global_allocator]
static GLOBAL: Global = Global;

struct Global;

/// What is touched of it costs memory, and nothing else.
const EARLY: usize = 256 << 20;

#[repr(align(4096))]
struct Early(UnsafeCell<[u8; EARLY]>);

// SAFETY: each byte is handed out once.
unsafe impl Sync for Early {}

static MEMORY: Early = Early(UnsafeCell::new([0; EARLY]));
static USED: AtomicUsize = AtomicUsize::new(0);

fn is_early(block: *mut u8) -> bool {
    block.addr().wrapping_sub(MEMORY.0.get().addr()) < EARLY
}

fn early(layout: Layout) -> *mut u8 {
    let len = layout.size() + layout.align();
    let offset = USED.fetch_add(len, Ordering::Relaxed);
    if offset + len > EARLY {
        return null_mut();
    }
    let start = MEMORY.0.get().cast::<u8>().wrapping_add(offset);
    start.wrapping_add(start.align_offset(layout.align()))
}

// SAFETY: the blocks are those of an allocator, or disjoint pieces of `MEMORY`.
unsafe impl GlobalAlloc for Global {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match subject::serving() {
            Some(heap) => heap.allocate(layout),
            None => early(layout),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(heap) = subject::serving().filter(|_| !is_early(block)) {
            // SAFETY: the caller's promise: what is not early is the heap's.
            unsafe { heap.free(block, layout) }
        }
    }
}
