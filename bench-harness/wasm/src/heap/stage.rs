//! Stages of the ladder on WebAssembly's memory, as the allocator of a program with one thread.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr::{NonNull, null_mut};

use super::memory::{PAGE, grow};
use core_api::{AllocError, Allocator, Growth, Region, Source};

/// An allocator that no other thread can reach.
pub(crate) struct Alone<A>(UnsafeCell<A>);

impl<A> Alone<A> {
    pub(crate) const fn new(allocator: A) -> Self {
        Self(UnsafeCell::new(allocator))
    }

    #[expect(
        clippy::mut_from_ref,
        reason = "the caller promises that it is the only one"
    )]
    unsafe fn get(&self) -> &mut A {
        // SAFETY: the caller's promise.
        unsafe { &mut *self.0.get() }
    }
}

// SAFETY: the program has one thread.
unsafe impl<A> Sync for Alone<A> {}

fn thin(block: Result<NonNull<[u8]>, AllocError>) -> *mut u8 {
    block.map_or(null_mut(), |block| block.as_ptr().cast())
}

// SAFETY: `Allocator` promises the same. The program has one thread, and no allocator calls itself.
unsafe impl<A: Allocator> GlobalAlloc for Alone<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        thin(unsafe { self.get() }.allocate(layout))
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above; the block is live and has this layout.
        unsafe { self.get().deallocate(NonNull::new_unchecked(block), layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, old: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as above; the block is live and has this layout.
        unsafe {
            let block = NonNull::new_unchecked(block);
            let new = Layout::from_size_align_unchecked(new_size, old.align());
            match new_size > old.size() {
                true => thin(self.get().grow(block, old, new)),
                false => thin(self.get().shrink(block, old, new)),
            }
        }
    }
}

/// Grows the memory by at least `len` bytes, and returns the new ones.
fn more(len: usize) -> Option<Region> {
    let n_pages = len.div_ceil(PAGE);
    let base = NonNull::new(grow(n_pages)?)?;
    // SAFETY: the memory is new, and nothing else knows of it.
    Some(unsafe { Region::new(base, n_pages * PAGE) })
}

/// Hands out 16 MiB, once.
#[cfg(feature = "headerless")]
pub(crate) struct Once;

// SAFETY: the memory is new.
#[cfg(feature = "headerless")]
unsafe impl Source for Once {
    const GROWTH: Growth = Growth::Never;

    fn acquire(&mut self, _: usize) -> Option<Region> {
        more(16 << 20)
    }
}

/// Hands out one region, and extends it page by page.
#[cfg(feature = "coalescing")]
pub(crate) struct Growing;

// SAFETY: the memory is new; nothing else grows the memory, so an extension lies behind the region.
#[cfg(feature = "coalescing")]
unsafe impl Source for Growing {
    const GROWTH: Growth = Growth::InPlace;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        more(min_len)
    }

    unsafe fn extend(&mut self, region: Region, by: usize) -> Option<Region> {
        let more = more(by)?;
        // SAFETY: the two are one range.
        Some(unsafe { Region::new(region.base(), region.len() + more.len()) })
    }

    fn granularity(&self) -> usize {
        PAGE
    }
}
