//! The fourth stage, with deferred merging or without.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{Allocator as _, Growth, Region, Source};

#[cfg(feature = "coalescing-strict")]
type Merging = coalescing::Immediate;
#[cfg(not(feature = "coalescing-strict"))]
type Merging = coalescing::Deferred;

/// Hands the region out once it has it.
struct Once(Option<Region>);

// SAFETY: whoever sets the region gives it away, and it is handed out once.
unsafe impl Source for Once {
    const GROWTH: Growth = Growth::Never;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        self.0.take_if(|region| region.len() >= min_len)
    }
}

pub(crate) struct Heap(coalescing::CoalescingHeap<Once, 8, Merging>);

impl crate::Allocator for Heap {
    const NEW: Self = Self(coalescing::CoalescingHeap::new(Once(None)));

    unsafe fn init(&mut self, base: NonNull<u8>, len: usize) {
        // SAFETY: the caller's promise; the source has handed out nothing yet.
        unsafe { self.0.source_mut().0 = Some(Region::new(base, len)) };
    }

    unsafe fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        Some(self.0.allocate(layout).ok()?.cast())
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate(block, layout) }
    }

    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        let resized = unsafe {
            match new.size() > old.size() {
                true => self.0.grow(block, old, new),
                false => self.0.shrink(block, old, new),
            }
        };
        Some(resized.ok()?.cast())
    }
}
