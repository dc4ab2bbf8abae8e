//! `ThreadCached`: the allocator that a whole program runs on.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{NonNull, null_mut};

use core_api::AllocError;

use crate::front::in_place;
use crate::front::methods::allocator_on;
use crate::front::resize;
use crate::front::zeroed;
use crate::giving_back::maintenance;
use crate::hardened::{self, Checks};
use crate::huge_pages::{self, HugePages};
use crate::lifecycle::current::{current, quick, refresh, watch};
use crate::lifecycle::registry;

/// The process's heaps, one for each thread, as `#[global_allocator]` in one line.
///
/// The value is a handle without content: every `ThreadCached` is the same allocator, as with
/// `std::alloc::System`. It needs no start-up code: at its first allocation a thread adopts the heap of an ended
/// thread, or gets a new one.
///
/// Any thread may free any block. `fork` may be called while other threads allocate: the child
/// can allocate at once.
///
/// Misuse that can be seen (a block freed twice in a row, a pointer that is no block's) ends the
/// process with a line on stderr, unless the program sets another handler with
/// `core_api::fatal::set_handler`.
///
/// ```
/// #[global_allocator]
/// static GLOBAL: thread_cached::ThreadCached = thread_cached::ThreadCached::new();
///
/// let sum = std::thread::spawn(|| (0..1000).map(|n| Box::new(n)).map(|n| *n).sum::<u64>());
/// assert_eq!(sum.join().unwrap(), 499_500);
/// ```
///
/// With one of the features `allocator-api2-02`, `-03` and `-04` of core-api, single collections live in
/// it, whatever the program's allocator is:
///
/// ```
/// use thread_cached::ThreadCached;
///
/// let mut names = hashbrown::HashMap::new_in(ThreadCached::new());
/// let mut squares = allocator_api2::vec::Vec::new_in(ThreadCached::new());
/// for n in 0..10_000_u64 {
///     names.insert(n, n.to_string());
///     squares.push(n * n);
/// }
/// let freed_elsewhere = std::thread::spawn(move || names.len() + squares.len());
/// assert_eq!(freed_elsewhere.join().unwrap(), 20_000);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadCached(());

impl ThreadCached {
    /// A handle to the process's heaps.
    pub const fn new() -> Self {
        Self(())
    }

    /// Gives free pages back to the OS now. Returns the bytes given back. Purges all free pages of the calling
    /// thread's heap and of abandoned heaps; of other threads' heaps only the pages that are free spans already.
    /// O(pages + free blocks).
    pub fn purge(&self) -> usize {
        maintenance::purge_everything(current())
    }

    /// Guards one request in `every`, or none if that is 0: the block ends at a page that faults on access. Has no
    /// effect without the feature `hardened`.
    pub fn guard_one_in(&self, every: u32) {
        hardened::set_interval(every);
        if let Some(heap) = current().owned() {
            heap.own().hardening.restart_count();
        }
    }

    /// Sets the checks that all heaps make from now on; [`Checks::All`] by default. Blocks that wait in quarantine when
    /// the quarantine is turned off stay there until the heap is purged or full. Has no effect without the feature
    /// `hardened`.
    pub fn use_checks(&self, checks: Checks) {
        hardened::set_checks(checks);
    }

    /// Sets when heaps ask the OS for huge pages from now on; [`HugePages::Off`] by default. Has no effect where the
    /// system never gives any.
    pub fn use_huge_pages(&self, when: HugePages) {
        huge_pages::set_mode(when);
    }

    /// The hit path of C's `malloc`: pops a block of `size` bytes at a multiple of 16 if the size is small and the list
    /// has a block.
    // Hidden, as are the next six: for `preload` alone, which inlines them into the functions of C.
    #[doc(hidden)]
    #[inline(always)]
    pub fn malloc_at_hand(&self, size: usize) -> Option<NonNull<u8>> {
        quick().pop_small(size)
    }

    /// Does the same for blocks of up to 32 KiB.
    #[doc(hidden)]
    #[inline(always)]
    pub fn malloc_medium_at_hand(&self, size: usize) -> Option<NonNull<u8>> {
        quick().pop_medium(size)
    }

    /// The hit path of C's `free`: frees a small block of the calling thread's heap; `false` if it is none.
    ///
    /// # Safety
    ///
    /// `block` is null, or a live block that is not used again after a success.
    #[doc(hidden)]
    #[inline(always)]
    pub unsafe fn free_at_hand(&self, block: *mut u8) -> bool {
        // SAFETY: the caller's promise is passed on.
        unsafe { quick().free_own(block) }
    }

    /// Frees a block that [`free_at_hand`](Self::free_at_hand) refused.
    ///
    /// # Safety
    ///
    /// `block` is live and is not used again.
    #[doc(hidden)]
    #[inline(always)]
    pub unsafe fn free_not_at_hand(&self, block: NonNull<u8>) {
        // By the same thread local: where the hit paths are off, an own block looks like another thread's.
        // SAFETY: the caller's promise is passed on.
        unsafe { quick().free_refused(block) }
    }

    /// The hit path of C's `realloc`: resizes a small block of the calling thread's heap in place, or moves it to a
    /// block that a list has.
    ///
    /// # Safety
    ///
    /// `block` is null, or a live block that is not used again after a success. `size` is not 0.
    #[doc(hidden)]
    #[inline(always)]
    pub unsafe fn realloc_at_hand(&self, block: *mut u8, size: usize) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise is passed on.
        unsafe { resize::at_hand(quick(), block, size) }.map(NonNull::cast)
    }

    /// Makes the hit paths above fail from now on, in the calling thread and in threads that start later, so that
    /// `preload` can count requests.
    #[doc(hidden)]
    pub fn watch(&self) {
        watch();
    }

    /// Turns the fast paths of the calling thread off while a tracer listens (`os::probes`), and on again afterwards.
    /// Each thread does so by itself from time to time.
    #[doc(hidden)]
    pub fn refresh(&self) {
        refresh();
    }

    /// Abandons the calling thread's heap, as the end of a thread does. The next allocation acquires another.
    pub fn leave(&self) {
        registry::leave();
    }
}

// SAFETY: every block is a heap's or a direct mapping, as for `PrivateHeap`.
unsafe impl GlobalAlloc for ThreadCached {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        current().allocate(layout)
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's block is live, hence not null.
        unsafe { current().free_sized(NonNull::new_unchecked(block), layout.size()) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        zeroed::calloc(current(), layout)
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, old: Layout, new_size: usize) -> *mut u8 {
        let Ok(new) = Layout::from_size_align(new_size, old.align()) else {
            return null_mut();
        };
        // SAFETY: the caller's block is live, hence not null.
        let moved = unsafe {
            let block = NonNull::new_unchecked(block);
            resize::reallocate(current(), block, old, new, false)
        };
        moved.map_or(null_mut(), |block| block.as_ptr().cast())
    }
}

allocator_on!(ThreadCached, self => current());

// SAFETY: every value leads to the same heaps, which end with the process.
unsafe impl core_api::Handle for ThreadCached {}

core_api::allocator_api2! {
    // SAFETY: every handle leads to the same heaps. Any thread may free any block, and a heap stays
    // when its thread ends.
    unsafe impl[] for ThreadCached { self => *self }
}
