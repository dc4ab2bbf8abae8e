//! What `preload` calls in the hardened mode: requests and frees at each door.

use core::alloc::Layout;
use core::ptr::NonNull;

use crate::ThreadCached;
use crate::front::hardened::guarded_pages;
use crate::front::hardened::request::Request;
use crate::front::in_place::usable_size;
use crate::front::resize;
use crate::hardened::{self, Door};
use crate::large::address_map;
use crate::large::locate::{Located, locate};
use crate::layout::classes::{self, CLASS_MAX};
use crate::lifecycle::current::current;
use crate::pages::page_map::Kind;

impl ThreadCached {
    /// Allocates a block for `layout`, for which size 0 is valid.
    #[doc(hidden)]
    #[inline]
    pub fn allocate_by(&self, layout: Layout, door: Door) -> Option<NonNull<u8>> {
        NonNull::new(current().serve(Request { layout, door }))
    }

    /// Allocates a block for `layout` of which every byte is zero.
    #[doc(hidden)]
    pub fn allocate_zeroed_by(&self, layout: Layout, door: Door) -> Option<NonNull<u8>> {
        let (heap, request) = (current(), Request { layout, door });
        if layout.size() >= CLASS_MAX {
            let fresh = guarded_pages::allocate(heap, request)?;
            let size = if fresh.is_zero { 0 } else { layout.size() };
            // SAFETY: the block is new and has the layout's size.
            unsafe { fresh.block.write_bytes(0, size) };
            return Some(fresh.block);
        }
        let block = NonNull::new(heap.serve(request))?;
        // SAFETY: as above.
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
        if let Ok(Located::InSlab { heap, .. } | Located::Large { heap, .. }) = locate(block) {
            heap.state(heap.offset_of(block)).check_door(door);
        }
        // SAFETY: the caller's promise is passed on.
        let moved = unsafe { resize::realloc(current(), block, new) }
            .ok()?
            .cast();
        if let Ok(Located::InSlab { heap, .. } | Located::Large { heap, .. }) = locate(moved) {
            heap.state(heap.offset_of(moved)).set_door(door);
        }
        Some(moved)
    }

    /// The bytes that were requested for a live block; `None` if the address is not in any heap.
    #[doc(hidden)]
    pub fn size_of(&self, block: NonNull<u8>) -> Option<usize> {
        let heap = current();
        if let Some(class) = heap.kind_of(block).and_then(Kind::class) {
            let state = heap.state(heap.offset_of(block));
            state.check_live();
            return Some(state.size(classes::size_of(class)));
        }
        self.has(block).then(|| usable_size(block))
    }

    /// Whether the address lies in a heap, a mapping, or a guarded page of this allocator.
    #[doc(hidden)]
    pub fn has(&self, block: NonNull<u8>) -> bool {
        address_map::find(block.addr().get()).is_some() || hardened::is_guarded(block)
    }
}
