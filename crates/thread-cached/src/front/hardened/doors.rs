//! What `preload` calls in the hardened mode: requests and frees at each door.

use core::alloc::Layout;
use core::ptr::NonNull;

use crate::ThreadCached;
use crate::front::hardened::request::Request;
use crate::front::hardened::{free_other, guarded_pages, serve_fully};
use crate::front::in_place::{NEVER_MOVED, usable_size};
use crate::front::resize;
use crate::hardened::{self, Door};
use crate::large::address_map;
use crate::large::locate::{Located, locate};
use crate::layout::classes::{self, CLASS_MAX, FAST_ALIGN};
use crate::lifecycle::current::current;
use crate::pages::page_map::Kind;

impl ThreadCached {
    /// Allocates a block at a multiple of 16 if one is ready. `None` says nothing: ask [`allocate_by`](Self::allocate_by).
    #[doc(hidden)]
    #[inline(always)]
    pub fn allocate_at_hand(&self, size: usize, door: Door) -> Option<NonNull<u8>> {
        current().serve_at_hand(size, door)
    }

    /// Allocates a block for `layout`, for which size 0 is valid.
    #[doc(hidden)]
    #[inline]
    pub fn allocate_by(&self, layout: Layout, door: Door) -> Option<NonNull<u8>> {
        NonNull::new(serve_fully(current(), layout, door))
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

    /// Frees a block at its door, with its size if that is known. Calls `otherwise` if the address is not in any heap.
    ///
    /// # Safety
    ///
    /// The block is live and not used again.
    #[doc(hidden)]
    #[inline(always)]
    pub unsafe fn free_by(
        &self,
        block: NonNull<u8>,
        size: Option<usize>,
        door: Door,
        otherwise: impl FnOnce(NonNull<u8>),
    ) {
        let (heap, door) = (current(), Some(door));
        if heap.try_free_own(block, size, door) {
            return;
        }
        match self.has(block) {
            // SAFETY: the caller's promise is passed on.
            true => unsafe { free_other(heap, block, size, door) },
            false => otherwise(block),
        }
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
        // SAFETY: the caller's promise is passed on.
        if let Some(resized) = unsafe { realloc_own(block, new, door) } {
            return Some(resized);
        }
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

    /// Has a function asked before a block is refused at a door: whether the process has functions of which this allocator
    /// does not know.
    #[doc(hidden)]
    pub fn open_doors_if(&self, has_others: &'static fn() -> bool) {
        hardened::open_doors_if(has_others);
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

/// Resizes a block in a slab of the calling thread's heap, as long as it stays in a slab. `None` if that fails, or if the
/// block lies elsewhere.
///
/// # Safety
///
/// As for [`ThreadCached::realloc_by`].
#[inline]
unsafe fn realloc_own(block: NonNull<u8>, new: Layout, door: Door) -> Option<NonNull<u8>> {
    let heap = current();
    let class = heap.kind_of(block).and_then(Kind::class)?;
    let (offset, slot, new_size) = (heap.offset_of(block), classes::size_of(class), new.size());
    let (state, block) = (heap.state(offset), heap.at(offset));
    state.check_door(door);
    let room = state.room(slot);
    if new_size <= room && (new_size > room / 2 || slot <= NEVER_MOVED) {
        return Some(state.resize(block, new_size, slot).cast());
    }
    if new_size >= heap.own().span_cache.least_growable.get() || new.align() > FAST_ALIGN {
        return None;
    }
    let moved = NonNull::new(heap.serve(Request { layout: new, door }))?;
    // SAFETY: both blocks are live, hence disjoint, and have so many bytes; the caller gives the old one up. The request
    // may have replaced the thread's heap.
    unsafe {
        moved.copy_from_nonoverlapping(block, state.size(slot).min(new_size));
        current().free_at(block, None, Some(door));
    }
    Some(moved)
}
