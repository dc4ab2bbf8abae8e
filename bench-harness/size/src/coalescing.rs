//! The fourth stage, with deferred merging or without.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{Allocator as _, Fixed, Region};

#[cfg(feature = "coalescing-strict")]
type Merging = coalescing::Immediate;
#[cfg(not(feature = "coalescing-strict"))]
type Merging = coalescing::Deferred;

pub(crate) struct Heap(Option<coalescing::Heap<Fixed, 8, Merging>>);

impl crate::Allocator for Heap {
    const NEW: Self = Self(None);

    unsafe fn init(&mut self, base: NonNull<u8>, len: usize) {
        // SAFETY: the caller's promise.
        let fixed = unsafe { Fixed::new(Region::new(base, len)) };
        self.0 = Some(coalescing::Heap::new(fixed));
    }

    unsafe fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        Some(self.0.as_mut()?.allocate(layout).ok()?.cast())
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        if let Some(heap) = &mut self.0 {
            // SAFETY: the caller's promise.
            unsafe { heap.deallocate(block, layout) }
        }
    }

    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        let heap = self.0.as_mut()?;
        // SAFETY: the caller's promise.
        let resized = unsafe {
            match new.size() > old.size() {
                true => heap.grow(block, old, new),
                false => heap.shrink(block, old, new),
            }
        };
        Some(resized.ok()?.cast())
    }
}
