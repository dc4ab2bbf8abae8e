//! The heap on which the mistake is made.

use std::alloc::{GlobalAlloc, Layout};
use std::ptr::{NonNull, null_mut};
use std::sync::OnceLock;

use core_api::{Allocator, Local, Locked, RawLock};
use mmap_backed::Global;
use thread_cached::ThreadCached;

/// What every heap can do, whatever its lock.
pub(crate) trait Subject {
    fn allocate(&self, layout: Layout) -> *mut u8;

    /// # Safety
    ///
    /// The block is the heap's, or the call is the mistake.
    unsafe fn free(&self, block: *mut u8, layout: Layout);

    /// Calls `look` while the heap is looked into. One that cannot be is used otherwise.
    fn look(&self, look: &dyn Fn());
}

/// The chosen heap.
static CHOSEN: OnceLock<Chosen> = OnceLock::new();

#[derive(Clone, Copy)]
struct Chosen {
    heap: &'static dyn Subject,
    /// Whether it is the global allocator too.
    serves: bool,
}

// SAFETY: what serves is shared by its lock; what does not is used by one thread at a time.
unsafe impl Send for Chosen {}
// SAFETY: as above.
unsafe impl Sync for Chosen {}

/// Makes the mistakes happen on `heap`, which is the global allocator from now on.
pub(crate) fn serve(heap: &'static (dyn Subject + Sync)) {
    let _ = CHOSEN.set(Chosen { heap, serves: true });
}

/// Makes the mistakes happen on `heap`, which one thread has.
pub(crate) fn stand_beside(heap: impl Subject + 'static) {
    let heap = Box::leak(Box::new(heap));
    let serves = false;
    let _ = CHOSEN.set(Chosen { heap, serves });
}

pub(crate) fn chosen() -> &'static dyn Subject {
    CHOSEN.get().expect("a heap was chosen").heap
}

/// The heap that is the global allocator.
pub(crate) fn serving() -> Option<&'static dyn Subject> {
    let chosen = CHOSEN.get().filter(|chosen| chosen.serves);
    chosen.map(|chosen| chosen.heap)
}

/// `Subject` for global allocators, which `$look` looks into.
macro_rules! subject {
    ([$($of:tt)*] $heap:ty, $look:expr) => {
        impl<$($of)*> Subject for $heap {
            fn allocate(&self, layout: Layout) -> *mut u8 {
                // SAFETY: no test asks for 0 bytes.
                unsafe { GlobalAlloc::alloc(self, layout) }
            }

            unsafe fn free(&self, block: *mut u8, layout: Layout) {
                // SAFETY: the caller's promise.
                unsafe { GlobalAlloc::dealloc(self, block, layout) }
            }

            fn look(&self, look: &dyn Fn()) {
                let into: fn(&Self, &dyn Fn()) = $look;
                into(self, look);
            }
        }
    };
}

subject!([A: Allocator, R: RawLock] Locked<A, R>, |heap, look| heap.inspect(|_| look()));
subject!([] Global, |heap, look| heap.inspect(|_| look()));
subject!([] ThreadCached, |heap, _| {
    let layout = Layout::new::<[u64; 8]>();
    // SAFETY: allocated just now.
    unsafe { heap.free(heap.allocate(layout), layout) }
});

impl<A: Allocator> Subject for Local<A> {
    fn allocate(&self, layout: Layout) -> *mut u8 {
        let block = Allocator::allocate(&mut { self }, layout);
        block.map_or(null_mut(), |block| block.as_ptr().cast())
    }

    unsafe fn free(&self, block: *mut u8, layout: Layout) {
        let block = NonNull::new(block).expect("a block");
        // SAFETY: the caller's promise.
        unsafe { Allocator::deallocate(&mut { self }, block, layout) }
    }

    fn look(&self, look: &dyn Fn()) {
        self.inspect(|_| look());
    }
}
