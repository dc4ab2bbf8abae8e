//! The allocator of a WebAssembly program.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::null_mut;

use crate::heap::Heap;
use crate::pages::Pages;

#[cfg(target_feature = "atomics")]
compile_error!("`Wasm` is for programs with one thread: it has no lock");

/// The allocator of a WebAssembly program with one thread.
///
/// ```
/// #[global_allocator]
/// static A: wasm::Wasm = wasm::Wasm::new();
/// ```
pub struct Wasm {
    heap: UnsafeCell<Heap<Pages, 112>>,
}

impl Wasm {
    /// Returns the allocator, which takes memory at the first request.
    #[expect(
        clippy::new_without_default,
        reason = "an allocator by value is an accident: it belongs in a static"
    )]
    pub const fn new() -> Self {
        Self {
            // SAFETY: nothing else takes the memory that the linker leaves to the heap.
            heap: UnsafeCell::new(Heap::new(unsafe { Pages::new() })),
        }
    }

    /// Returns the heap.
    ///
    /// # Safety
    ///
    /// The caller is a method of the allocator, and does not call another while it uses the heap.
    #[inline(always)]
    #[expect(clippy::mut_from_ref, reason = "the caller promises that it is alone")]
    unsafe fn heap(&self) -> &mut Heap<Pages, 112> {
        // SAFETY: the caller's promise, and there is one thread.
        unsafe { &mut *self.heap.get() }
    }
}

// SAFETY: there is one thread: with several, this module does not compile.
unsafe impl Sync for Wasm {}

// SAFETY: the heap's blocks fit their layouts and are disjoint. No method unwinds, and none calls another one.
unsafe impl GlobalAlloc for Wasm {
    #[inline(always)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: there is one thread, and the heap calls nobody.
        let heap = unsafe { self.heap() };
        let block = heap.take_for(layout.size(), layout.align());
        block.map_or(null_mut(), |block| heap.at(block))
    }

    #[inline(always)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as in `alloc`; the caller promises that the block is live and has this layout.
        unsafe { self.heap().free(block.addr(), layout.size()) }
    }

    // Not inlined: a program has many calls, each with a size of its own.
    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, old: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as in `alloc`; the caller promises that the block is live and has this layout. A new block is as long
        // as its request, and the two are disjoint.
        unsafe {
            let heap = self.heap();
            if heap.resize(block.addr(), old.size(), new_size) {
                return block;
            }
            let Some(moved) = heap.take_slowly(new_size, old.align()) else {
                return null_mut();
            };
            let moved = heap.at(moved);
            moved.copy_from_nonoverlapping(block, old.size());
            heap.free_slowly(block.addr(), old.size());
            moved
        }
    }
}
