//! A heap that grows with its source, and gives its region back.

use core::alloc::Layout;
use core::cell::{Cell, UnsafeCell};
use core::ptr::NonNull;

use core_api::{AllocError, Allocator, Growth, Inspect, Region, Source};
use freelist::FreeList;

/// Memory of which the heap first gets 64 bytes, and more when it asks.
#[repr(align(64))]
struct Reserve {
    bytes: UnsafeCell<[u8; 1024]>,
    released: Cell<Option<Region>>,
}

impl Reserve {
    fn new() -> Self {
        Self {
            bytes: UnsafeCell::new([0; 1024]),
            released: Cell::new(None),
        }
    }

    fn region(&self, len: usize) -> Option<Region> {
        let base = NonNull::new(self.bytes.get().cast())?;
        // SAFETY: at most the bytes there are, which nobody uses but through the region.
        (len <= 1024).then(|| unsafe { Region::new(base, len) })
    }
}

struct Growing<'a>(&'a Reserve);

// SAFETY: regions of one buffer, which belongs to the source's only user.
unsafe impl Source for Growing<'_> {
    const GROWTH: Growth = Growth::InPlace;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        self.0.region(min_len.max(64))
    }

    unsafe fn extend(&mut self, region: Region, by: usize) -> Option<Region> {
        self.0.region(region.len().checked_add(by)?)
    }

    unsafe fn release(&mut self, region: Region) {
        self.0.released.set(Some(region));
    }
}

#[test]
fn the_heap_grows_by_what_it_needs() {
    let reserve = Reserve::new();
    let mut heap = FreeList::new(Growing(&reserve));
    heap.allocate(Layout::new::<[u64; 7]>()).expect("room");
    assert_eq!((heap.region().len(), heap.untouched()), (64, 0));
    let aligned = Layout::from_size_align(56, 64).expect("a valid layout");
    heap.allocate(aligned).expect("the source has more");
    assert_eq!(
        (heap.region().len(), heap.untouched()),
        (128 + 56, 0),
        "gap and block"
    );
    assert_eq!(heap.allocate(Layout::new::<[u8; 1024]>()), Err(AllocError));
    heap.allocate(Layout::new::<[u8; 832]>()).expect("the rest");
    assert_eq!(heap.region().len(), 1024);
    assert_eq!(heap.check(), Ok(()));
}

#[test]
fn the_region_goes_back_when_the_heap_is_dropped() {
    let reserve = Reserve::new();
    drop(FreeList::new(Growing(&reserve)));
    assert_eq!(reserve.released.get(), None, "nothing was acquired");
    let mut heap = FreeList::new(Growing(&reserve));
    heap.allocate(Layout::new::<[u8; 500]>()).expect("room");
    let region = heap.region();
    drop(heap);
    assert_eq!(reserve.released.get(), Some(region));
}
