//! The base allocator of arenas that take one: a region, handed out once.

use std::alloc::Layout;
use std::cell::Cell;
use std::ptr::NonNull;
use std::rc::Rc;

use core_api::{Region, align};

/// Hands out one region, whole, to the first who asks for no more than it is; the default has none.
#[derive(Clone, Debug, Default)]
pub struct OneChunk(Rc<Cell<Option<Region>>>);

impl OneChunk {
    /// The base of an arena in `region`.
    pub fn new(region: Region) -> Self {
        Self(Rc::new(Cell::new(Some(region))))
    }

    fn take(&self, layout: Layout) -> Option<NonNull<[u8]>> {
        let region = self.0.get()?;
        let padding = align::padding(region.start(), layout.align());
        let (_, aligned) = region.split_at(padding)?;
        if aligned.len() < layout.size() {
            return None;
        }
        self.0.set(None);
        Some(NonNull::slice_from_raw_parts(aligned.base(), layout.size()))
    }
}

// SAFETY: a region is the exclusive right to its bytes and is handed out once.
unsafe impl allocator_api2_04::alloc::Allocator for OneChunk {
    fn allocate(
        &self,
        layout: Layout,
    ) -> Result<NonNull<[u8]>, allocator_api2_04::alloc::AllocError> {
        self.take(layout)
            .ok_or(allocator_api2_04::alloc::AllocError)
    }

    unsafe fn deallocate(&self, _: NonNull<u8>, _: Layout) {}
}

// SAFETY: as above.
unsafe impl bump_scope::alloc::Allocator for OneChunk {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, bump_scope::alloc::AllocError> {
        self.take(layout).ok_or(bump_scope::alloc::AllocError)
    }

    unsafe fn deallocate(&self, _: NonNull<u8>, _: Layout) {}
}
