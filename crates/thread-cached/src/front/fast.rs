//! The hit paths: a block comes from a list, or goes onto one, without a call.

use core::alloc::Layout;
use core::ptr::NonNull;

use crate::hardened;
use crate::heap::HeapRef;
use crate::heap::classes::{self, CLASS_MAX, FAST_ALIGN, SMALL_MAX};
use crate::heap::header::{FREE_TAKES, STEP};
use crate::heap::link;
use crate::heap::region::UNIT_LOG2;
use crate::slow;

impl HeapRef {
    /// Allocates a block for `layout`; null if there is no memory.
    ///
    /// # Safety
    ///
    /// The calling thread owns the heap.
    // ANCHOR: allocate
    #[inline(always)]
    pub(crate) unsafe fn allocate(self, layout: Layout) -> *mut u8 {
        if cfg!(feature = "hardened") {
            return hardened::allocate(self, layout);
        }
        let Some(class) = classes::of_layout(layout) else {
            return slow::allocate(layout, self);
        };
        match self.pop(class) {
            Some(block) => block.as_ptr(),
            None => slow::refill(class, self),
        }
    }

    /// Pops the first block of a class's list.
    #[inline(always)]
    pub(crate) fn pop(self, class: usize) -> Option<NonNull<u8>> {
        let (list, room) = (self.list(class), self.room(class));
        let block = NonNull::new(list.get())?;
        // SAFETY: a listed block is free and linked (I3).
        list.set(unsafe { link::read(block) });
        room.set(room.get() + STEP);
        Some(block)
    }
    // ANCHOR_END: allocate

    /// Pops a block of `size` bytes at a multiple of 16, if the size is small and the list has a block.
    #[inline(always)]
    pub(crate) fn pop_small(self, size: usize) -> Option<NonNull<u8>> {
        if cfg!(feature = "hardened") || size > SMALL_MAX {
            return None;
        }
        // SAFETY: there is an entry for each size up to `SMALL_MAX`.
        let class = unsafe { *self.small().get_unchecked(size.div_ceil(FAST_ALIGN)) };
        self.pop(usize::from(class))
    }

    /// Does the same for every size that has a class.
    #[inline(always)]
    pub(crate) fn pop_medium(self, size: usize) -> Option<NonNull<u8>> {
        if cfg!(feature = "hardened") || size > CLASS_MAX {
            return None;
        }
        self.pop(classes::of_size(size.next_multiple_of(FAST_ALIGN)))
    }

    /// Frees a block in the pages of this heap; `false` if it lies elsewhere.
    ///
    /// # Safety
    ///
    /// As for [`free`](Self::free), but that the block may be null.
    #[inline(always)]
    pub(crate) unsafe fn free_own(self, block: *mut u8) -> bool {
        let eighths = self.eighths_to(block.addr());
        if cfg!(feature = "hardened") || eighths >= self.limit() {
            return false;
        }
        // SAFETY: the block is in a unit of ours, hence not null; its kind is the unit's (I2), and the
        // caller frees it.
        unsafe {
            let block = NonNull::new_unchecked(block);
            self.push(self.class(eighths >> (UNIT_LOG2 - 3)), block);
        }
        true
    }

    /// Frees a block of any heap.
    ///
    /// # Safety
    ///
    /// The calling thread owns the heap; the block is one that is live in any heap.
    // ANCHOR: free
    #[inline(always)]
    pub(crate) unsafe fn free(self, block: NonNull<u8>) {
        if cfg!(feature = "hardened") {
            // SAFETY: the caller's promise is passed on.
            return unsafe { hardened::free(self, block) };
        }
        match self.class_at(block) {
            // SAFETY: the block is of a slab of ours (I2), and the caller frees it.
            Some(class) => unsafe { self.push(class, block) },
            None => slow::free(block, self),
        }
    }

    /// Frees a block whose requested size is known. The size tells the class, so that no address depends on the page
    /// map, which only confirms it.
    ///
    /// # Safety
    ///
    /// As for [`free`](Self::free). Any other size is right as well, and slower.
    #[inline(always)]
    pub(crate) unsafe fn free_sized(self, block: NonNull<u8>, size: usize) {
        if cfg!(feature = "hardened") || size > CLASS_MAX {
            return slow::free_unsized(block, self);
        }
        let class = classes::of_size(size);
        match self.class_at(block) {
            // SAFETY: the block is of a slab of ours (I2), and the caller frees it.
            Some(found) if found == class => unsafe { self.push(class, block) },
            Some(_) => slow::free_unsized(block, self),
            None => slow::free(block, self),
        }
    }

    /// Pushes a block onto the list of its class.
    ///
    /// # Safety
    ///
    /// The calling thread owns the heap; the block lies in it, in a unit of this class, and the caller frees it.
    #[inline(always)]
    unsafe fn push(self, class: usize, block: NonNull<u8>) {
        let (list, room) = (self.list(class), self.room(class));
        let first = list.get();
        if first == block.as_ptr() {
            // Freed twice in a row: the slow path ends the process.
            return slow::free(block, self);
        }
        // SAFETY: the block lies in this heap, and is the caller's.
        let own = unsafe { self.own(block) };
        // SAFETY: as above.
        unsafe { link::write(own, first) };
        list.set(own.as_ptr());
        let left = room.get() - FREE_TAKES;
        room.set(left);
        if left < 0 {
            slow::full(block, self);
        }
    }
    // ANCHOR_END: free
}
