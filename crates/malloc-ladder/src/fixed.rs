//! A heap on a static, to be used by several threads or as `#[global_allocator]`.

use coalescing::CoalescingHeap;
use core_api::{DEFAULT_HEAP_LEN, Locked, StaticHeap};

/// A heap on `N` bytes of static memory, behind a lock: the allocator of a program without an OS.
pub type FixedHeap<const N: usize = DEFAULT_HEAP_LEN> =
    Locked<CoalescingHeap<&'static StaticHeap<N>>>;

/// The heap on this memory.
///
/// A `StaticHeap` hands its bytes out once: of two heaps on the same memory, the second fails every request.
///
/// ```
/// use malloc_ladder::core_api::StaticHeap;
/// use malloc_ladder::{FixedHeap, fixed_heap};
///
/// static MEMORY: StaticHeap<65536> = StaticHeap::new();
/// static HEAP: FixedHeap<65536> = fixed_heap(&MEMORY);
/// ```
#[must_use]
pub const fn fixed_heap<const N: usize>(memory: &'static StaticHeap<N>) -> FixedHeap<N> {
    Locked::new(CoalescingHeap::new(memory))
}
