//! One small block and one large one, for `strace`:
//!
//! ```text
//! cargo build --release -p malloc-ladder-mmap-backed --example two_mallocs
//! strace -e trace=memory,write target/release/examples/two_mallocs
//! ```

use core::alloc::Layout;

use core_api::{AllocError, Allocator};
use mmap_backed::MmapHeap;

// ANCHOR: two_mallocs
fn main() -> Result<(), AllocError> {
    let mut heap = MmapHeap::<8>::new();
    let (small, large) = (Layout::new::<[u8; 24]>(), Layout::new::<[u8; 1 << 20]>());

    say("malloc(24)\n");
    let first = heap.allocate(small)?.cast();
    say("malloc(24) again\n");
    let second = heap.allocate(small)?.cast();
    say("malloc(1 MiB)\n");
    let direct = heap.allocate(large)?.cast();
    say("realloc(2 MiB)\n");
    let larger = Layout::new::<[u8; 2 << 20]>();
    // SAFETY: live, with its layout.
    let direct = unsafe { heap.grow(direct, large, larger)? }.cast();
    say("free them\n");
    // SAFETY: each is live and goes back once, with its layout.
    unsafe {
        heap.deallocate(direct, larger);
        heap.deallocate(first, small);
        heap.deallocate(second, small);
    }
    say("drop the heap\n");
    Ok(())
}
// ANCHOR_END: two_mallocs

/// A line between the system calls, without a buffer.
fn say(text: &str) {
    // SAFETY: the text has that many bytes.
    unsafe { libc::write(1, text.as_ptr().cast(), text.len()) };
}
