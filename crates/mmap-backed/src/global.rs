//! [`Global`]: the heap that a whole program can run on.

use core::alloc::{GlobalAlloc, Layout};
use core::sync::atomic::{AtomicBool, Ordering};

use core_api::{Allocator, Corruption, Handle, HeapStats, Inspect, Locked, RawLock};

use crate::heap::{Mapped, MmapHeap};
use crate::lock::ProcessLock;

/// A handle to the process's one heap, which has one lock: `#[global_allocator]` in one line.
///
/// The handle has no content: every `Global` in a program refers to the same heap, as with
/// `std::alloc::System`. The heap needs no start-up code and maps its first page at the first
/// allocation. For heaps of your own use [`MmapHeap`], behind `core_api::Locked` if threads share it.
///
/// A program may call `fork` while other threads allocate: handlers registered with `pthread_atfork` hold
/// the lock meanwhile, so that the child finds the heap whole and can allocate at once. A raw `clone` or
/// `vfork` system call runs no handlers.
///
/// The heap does not take the lock while glibc (2.32 or later) counts one thread in the process. glibc does
/// not see a thread made by a raw `clone`; such a thread must not allocate before the program has made
/// another thread in the usual way.
///
/// Misuse that a header shows (a block freed twice, a foreign pointer) ends the process with a line on
/// stderr, unless the program sets another handler with `core_api::fatal::set_handler`.
///
/// ```
/// #[global_allocator]
/// static GLOBAL: mmap_backed::Global = mmap_backed::Global::new();
///
/// let text = "on pages from the OS".to_string();
/// assert!(GLOBAL.stats().n_used > 0);
/// # drop(text);
/// ```
///
/// With one of the features `allocator-api2-02`, `-03` and `-04` of core-api, a single collection can use
/// this heap, whatever the program's global allocator is:
///
/// ```
/// use mmap_backed::Global;
///
/// let mut names = hashbrown::HashMap::new_in(Global::new());
/// let mut squares = allocator_api2::vec::Vec::new_in(Global::new());
/// for n in 0..10_000_u64 {
///     names.insert(n, n.to_string());
///     squares.push(n * n);
/// }
/// assert!(Global::new().stats().n_used >= 2);
/// let freed_elsewhere = std::thread::spawn(move || names.len() + squares.len());
/// assert_eq!(freed_elsewhere.join().unwrap(), 20_000);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Global(());

static HEAP: Locked<MmapHeap, ProcessLock> = Locked::new(MmapHeap::new());

impl Global {
    /// Returns a handle to the process's heap. O(1).
    ///
    /// ```
    /// use std::alloc::{GlobalAlloc, Layout};
    ///
    /// let [one, other] = [mmap_backed::Global::new(); 2];
    /// // SAFETY: the layout is not empty.
    /// let block = unsafe { one.alloc(Layout::new::<u64>()) };
    /// assert_eq!(other.inspect(|heap| heap.mapped()), one.mapped());
    /// // SAFETY: the block is live in the heap of both handles, and not used again.
    /// unsafe { other.dealloc(block, Layout::new::<u64>()) };
    /// ```
    pub const fn new() -> Self {
        Self(())
    }

    /// Gives every whole free OS page back at once; see [`MmapHeap::purge`]. O(free blocks of a page or
    /// more), with the lock held.
    ///
    /// ```
    /// #[global_allocator]
    /// static GLOBAL: mmap_backed::Global = mmap_backed::Global::new();
    ///
    /// drop(vec![1_u8; 60_000]);
    /// assert!(GLOBAL.purge() > 0);
    /// ```
    pub fn purge(&self) -> usize {
        // SAFETY: purging leaves the heap and its live blocks where they are.
        unsafe { heap().with_mut(MmapHeap::purge) }
    }

    /// Returns what the heap has mapped at present. O(1).
    ///
    /// ```
    /// #[global_allocator]
    /// static GLOBAL: mmap_backed::Global = mmap_backed::Global::new();
    ///
    /// let large = vec![0_u8; 64 << 20];
    /// assert!(GLOBAL.mapped().direct >= large.len());
    /// ```
    pub fn mapped(&self) -> Mapped {
        heap().inspect(MmapHeap::mapped)
    }

    /// Returns sums over all blocks. O(blocks), with the lock held.
    ///
    /// ```
    /// #[global_allocator]
    /// static GLOBAL: mmap_backed::Global = mmap_backed::Global::new();
    ///
    /// let block = Box::new([1_u8; 1000]);
    /// assert!(GLOBAL.stats().used >= block.len());
    /// ```
    pub fn stats(&self) -> HeapStats {
        heap().inspect(Inspect::stats)
    }

    /// Tests every invariant; see [`Inspect::check`]. O(blocks + mappings²), with the lock held.
    ///
    /// ```
    /// #[global_allocator]
    /// static GLOBAL: mmap_backed::Global = mmap_backed::Global::new();
    ///
    /// let text = "whole".to_string();
    /// assert_eq!(GLOBAL.check(), Ok(()));
    /// # drop(text);
    /// ```
    ///
    /// # Errors
    ///
    /// The first invariant that does not hold.
    pub fn check(&self) -> Result<(), Corruption> {
        heap().inspect(Inspect::check)
    }

    /// Calls `look` with the heap while it holds the lock. `look` must not allocate: the lock is not
    /// re-entrant, so the process would end. From the first call on, the heap takes the lock even while the
    /// process has one thread. O(1), plus the cost of `look`.
    ///
    /// ```
    /// #[global_allocator]
    /// static GLOBAL: mmap_backed::Global = mmap_backed::Global::new();
    ///
    /// let large = vec![0_u8; GLOBAL.inspect(|heap| heap.direct_from())];
    /// assert_eq!(GLOBAL.mapped().n_direct, 1);
    /// # drop(large);
    /// ```
    pub fn inspect<T>(&self, look: impl FnOnce(&MmapHeap) -> T) -> T {
        let heap = heap();
        ProcessLock::close();
        heap.inspect(look)
    }
}

/// Returns the heap; the first call prepares the process.
#[inline]
fn heap() -> &'static Locked<MmapHeap, ProcessLock> {
    static PREPARED: AtomicBool = AtomicBool::new(false);
    if !PREPARED.load(Ordering::Relaxed) {
        prepare_slow(&PREPARED);
    }
    &HEAP
}

/// Registers the handlers for `fork` and finds the C library's count of threads, once. Both may allocate:
/// therefore the flag is set first, and the lock is not held.
#[cold]
fn prepare_slow(prepared: &AtomicBool) {
    if prepared.swap(true, Ordering::Relaxed) {
        return;
    }
    os::find_flag();
    os::at_fork(lock_before_fork, unlock_after_fork, unlock_after_fork);
}

extern "C" fn lock_before_fork() {
    HEAP.lock().acquire();
}

/// Runs in the parent, and in the child, whose only thread is the copy of the one that took the lock.
extern "C" fn unlock_after_fork() {
    // SAFETY: `lock_before_fork` ran in this thread, just before the fork.
    unsafe { HEAP.lock().release() };
}

// SAFETY: every method calls that of `Locked`, which keeps the contract.
unsafe impl GlobalAlloc for Global {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        unsafe { heap().alloc(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { heap().dealloc(block, layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        unsafe { heap().alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, old: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        unsafe { heap().realloc(block, old, new_size) }
    }
}

// SAFETY: every method calls that of `Locked`, which keeps the contract.
unsafe impl Allocator for Global {
    core_api::forward_allocator!(self => heap(), heap());
}

// SAFETY: every value leads to the process's one heap, which lives as long as the process.
unsafe impl Handle for Global {}

core_api::allocator_api2! {
    // SAFETY: every handle refers to the process's one heap, which lives as long as the process.
    unsafe impl[] for Global { self => heap() }
}
