//! What `preload` calls in the hardened mode: requests and frees at each door.

use core::alloc::Layout;
use core::ptr::NonNull;

use crate::ThreadCached;
use crate::front::hardened::Request;
use crate::front::resize;
use crate::hardened::{self, Door};
use crate::large::address_map;
use crate::large::locate::{Located, locate};
use crate::lifecycle::current::current;

impl ThreadCached {
    /// Allocates a block for `layout`, for which size 0 is valid.
    #[doc(hidden)]
    #[inline]
    pub fn allocate_by(&self, layout: Layout, door: Door) -> Option<NonNull<u8>> {
        NonNull::new(current().serve(Request { layout, door }))
    }

    /// Does the same; every byte is zero.
    #[doc(hidden)]
    pub fn allocate_zeroed_by(&self, layout: Layout, door: Door) -> Option<NonNull<u8>> {
        let block = self.allocate_by(layout, door)?;
        // SAFETY: the block is new and has the layout's size.
        unsafe { block.write_bytes(0, layout.size()) };
        Some(block)
    }

    /// Frees a block at its door, with its size if that is known. Returns `false` if the address is not in any heap.
    ///
    /// # Safety
    ///
    /// The block is live and not used again.
    #[doc(hidden)]
    #[inline]
    pub unsafe fn free_by(&self, block: NonNull<u8>, size: Option<usize>, door: Door) -> bool {
        let heap = current();
        if !heap.has(block) && !self.has(block) {
            return false;
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { heap.free_at(block, size, Some(door)) };
        true
    }

    /// Resizes a block of this door, and moves it if it must.
    ///
    /// # Safety
    ///
    /// The block is live, and not used again if the result is another.
    #[doc(hidden)]
    pub unsafe fn realloc_by(
        &self,
        block: NonNull<u8>,
        new: Layout,
        door: Door,
    ) -> Option<NonNull<u8>> {
        if let Ok(Located::InSlab { heap, .. }) = locate(block) {
            heap.state(heap.offset_of(block)).check_door(door);
        }
        // SAFETY: the caller's promise is passed on.
        let moved = unsafe { resize::realloc(current(), block, new) }
            .ok()?
            .cast();
        if let Ok(Located::InSlab { heap, .. }) = locate(moved) {
            heap.state(heap.offset_of(moved)).set_door(door);
        }
        Some(moved)
    }

    /// Whether the address lies in a heap, a mapping, or a guarded page of this allocator.
    #[doc(hidden)]
    pub fn has(&self, block: NonNull<u8>) -> bool {
        address_map::find(block.addr().get()).is_some() || hardened::is_guarded(block)
    }
}
