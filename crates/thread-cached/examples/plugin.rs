//! A plug-in with an allocator of its own: a shared library that a program loads, calls and unloads.
//!
//! `cargo build -p malloc-ladder-thread-cached --example plugin`, then `dlopen`. The test of unloading does so.

use core::alloc::{GlobalAlloc, Layout};

use thread_cached::ThreadCached;

#[global_allocator]
static GLOBAL: ThreadCached = ThreadCached::new();

/// Allocates and frees blocks of many sizes; how many there were.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_work() -> usize {
    let layouts = (1..2000).filter_map(|size| Layout::from_size_align(size, 8).ok());
    let pairs = layouts.filter(|&layout| {
        // SAFETY: the size is not 0; what is there is freed at once.
        unsafe {
            let block = GLOBAL.alloc(layout);
            if !block.is_null() {
                GLOBAL.dealloc(block, layout);
            }
            !block.is_null()
        }
    });
    pairs.count()
}
