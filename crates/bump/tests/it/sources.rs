//! Where the memory comes from and goes to: regions that grow, and regions that are given back.

use core::alloc::Layout;
use core::cell::Cell;
use core::ptr::NonNull;

use bump::Bump;
use core_api::{AllocError, Allocator, Growth, Inspect, Region, Reset, Source, StaticHeap};

/// A buffer of which the heap first gets 64 bytes, and more when it asks; it may ask at all only
/// if `GROWS`.
struct Reserve<'a, const GROWS: bool> {
    buffer: &'a Buffer,
    released: &'a Cell<Option<Region>>,
}

#[repr(align(64))]
struct Buffer(core::cell::UnsafeCell<[u8; 1024]>);

impl Buffer {
    const fn new() -> Self {
        Self(core::cell::UnsafeCell::new([0; 1024]))
    }

    fn region(&self, len: usize) -> Option<Region> {
        let base = NonNull::new(self.0.get().cast())?;
        // SAFETY: at most the buffer, which nobody reads or writes but through the region.
        (len <= 1024).then(|| unsafe { Region::new(base, len) })
    }
}

// SAFETY: regions of one buffer that belongs to the source's only user.
unsafe impl<const GROWS: bool> Source for Reserve<'_, GROWS> {
    const GROWTH: Growth = match GROWS {
        true => Growth::InPlace,
        false => Growth::Never,
    };

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        self.buffer.region(min_len.max(64))
    }

    unsafe fn extend(&mut self, region: Region, by: usize) -> Option<Region> {
        assert!(
            GROWS,
            "a source that announces no growth is not asked for any"
        );
        self.buffer.region(region.len().checked_add(by)?)
    }

    unsafe fn release(&mut self, region: Region) {
        self.released.set(Some(region));
    }
}

#[test]
fn the_heap_grows_with_its_source() {
    let (buffer, released) = (Buffer::new(), Cell::new(None));
    let mut bump = Bump::new(Reserve::<true> {
        buffer: &buffer,
        released: &released,
    });
    let layout = Layout::new::<[u64; 5]>();
    let first = bump.allocate(layout).expect("room");
    let second = bump.allocate(layout).expect("the source has more");
    assert_eq!(bump.region().len(), 80);

    let all = Layout::new::<[u64; 128 - 5]>();
    // SAFETY: live, with its layout; the second block is the last.
    let grown = unsafe { bump.grow(second.cast(), layout, all) }.expect("the source has more");
    assert_eq!(grown.addr(), second.addr(), "grown where it is");
    assert_eq!((bump.region().len(), bump.remaining()), (1024, 0));
    assert_eq!(bump.allocate(Layout::new::<u8>()), Err(AllocError));
    assert_eq!(bump.check(), Ok(()));
    assert_eq!(first.addr().get(), bump.region().start());
}

#[test]
fn an_aligned_block_counts_its_padding_when_the_heap_grows() {
    let (buffer, released) = (Buffer::new(), Cell::new(None));
    let mut bump = Bump::new(Reserve::<true> {
        buffer: &buffer,
        released: &released,
    });
    bump.allocate(Layout::new::<u64>()).expect("room");
    let aligned = Layout::from_size_align(64, 64).expect("a valid layout");
    let block = bump.allocate(aligned).expect("the source has more");
    assert_eq!(block.addr().get() - bump.region().start(), 64);
    assert_eq!((bump.region().len(), bump.remaining()), (128, 0));
}

#[test]
fn a_source_that_never_grows_is_not_asked() {
    let (buffer, released) = (Buffer::new(), Cell::new(None));
    let mut bump = Bump::new(Reserve::<false> {
        buffer: &buffer,
        released: &released,
    });
    bump.allocate(Layout::new::<[u64; 8]>()).expect("room");
    assert_eq!(bump.allocate(Layout::new::<u64>()), Err(AllocError));
}

#[test]
fn the_region_goes_back_when_the_heap_is_dropped() {
    let (buffer, released) = (Buffer::new(), Cell::new(None));
    drop(Bump::new(Reserve::<true> {
        buffer: &buffer,
        released: &released,
    }));
    assert_eq!(released.get(), None, "nothing was acquired");
    let mut bump = Bump::new(Reserve::<true> {
        buffer: &buffer,
        released: &released,
    });
    bump.allocate(Layout::new::<[u64; 50]>()).expect("room");
    let region = bump.region();
    drop(bump);
    assert_eq!(released.get(), Some(region));
}

#[test]
fn a_static_heap_has_one_owner() {
    static HEAP: StaticHeap<4096> = StaticHeap::new();
    let mut owner = Bump::new(&HEAP);
    let mut late = Bump::new(&HEAP);
    assert_eq!(
        (owner.remaining(), owner.mark()),
        (0, late.mark()),
        "nothing acquired yet"
    );
    owner
        .allocate(Layout::new::<[u8; 4096]>())
        .expect("all of it");
    assert_eq!(late.allocate(Layout::new::<u8>()), Err(AllocError));
}
