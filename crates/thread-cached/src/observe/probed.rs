//! [`Probed`]: a global allocator with probes.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;

use os::probes::{N_PLACES, Probes};

use crate::front::global::ThreadCached;

/// A global allocator with the USDT probes of OpenTelemetry's contract for allocators: a tracer outside of the process
/// can ask who has its memory.
///
/// For a sample of the requests it fires `otel_memory:alloc` with the block, the bytes requested, and the bytes that the
/// sample stands for; and `otel_memory:free` when a block of the sample is freed. Resizing a block reports it as freed and
/// as allocated anew; if that fails, the block counts as freed. While no tracer listens, it reads one number at each call.
///
/// ```
/// use thread_cached::{Probed, ThreadCached};
///
/// #[global_allocator]
/// static GLOBAL: Probed = Probed::new(ThreadCached::new());
///
/// let squares: Vec<u64> = (0..100).map(|n| n * n).collect();
/// assert_eq!(squares[9], 81);
/// ```
#[derive(Debug)]
pub struct Probed<A = ThreadCached, const PLACES: usize = N_PLACES> {
    inner: A,
    probes: Probes<PLACES>,
}

impl<A> Probed<A> {
    /// Adds probes to `allocator`.
    pub const fn new(allocator: A) -> Self {
        Self::with_places(allocator)
    }
}

impl<A, const PLACES: usize> Probed<A, PLACES> {
    /// As `new`, with a table of `PLACES` places for live reported blocks, a word each: a multiple of 8.
    pub const fn with_places(allocator: A) -> Self {
        Self {
            inner: allocator,
            probes: Probes::new(),
        }
    }

    /// Returns the probes, to change their interval.
    pub const fn probes(&self) -> &Probes<PLACES> {
        &self.probes
    }

    fn allocated(&self, block: *mut u8, size: usize) -> *mut u8 {
        if let Some(block) = NonNull::new(block) {
            self.probes.allocated(block, size);
        }
        block
    }
}

// SAFETY: each method calls the inner allocator's own.
unsafe impl<A: GlobalAlloc, const PLACES: usize> GlobalAlloc for Probed<A, PLACES> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        self.allocated(unsafe { self.inner.alloc(layout) }, layout.size())
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        self.allocated(unsafe { self.inner.alloc_zeroed(layout) }, layout.size())
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // Before: afterwards another thread may own the address.
        self.probes.freed(block.addr());
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        self.probes.freed(block.addr());
        // SAFETY: the caller's promise is passed on.
        self.allocated(
            unsafe { self.inner.realloc(block, layout, new_size) },
            new_size,
        )
    }
}
