//! The hit paths: a block comes from a list, or goes onto one, without a call.

use core::alloc::Layout;
use core::arch::asm;
use core::ptr::NonNull;

use core_api::align::is_aligned;

use crate::heap::header::{FREE_TAKES, KINDS};
use crate::heap::owned::MaybeOwned;
use crate::large::{self, fresh::Fresh};
use crate::layout::classes::{self, CLASS_MAX, FAST_ALIGN, SMALL_MAX};
use crate::layout::units::{PAGE, UNIT_LOG2};
use crate::link;
use crate::pages::page_map::{KIND, LARGE};
use crate::slow;

impl MaybeOwned<'_> {
    /// Allocates a block for `layout`; null if there is no memory.
    // ANCHOR: allocate
    #[inline(always)]
    pub(crate) fn allocate(self, layout: Layout) -> *mut u8 {
        let Some(class) = classes::of_layout(layout) else {
            return slow::allocate(layout, self);
        };
        match self.pop(class) {
            Some(block) => block.as_ptr(),
            None => slow::refill(class, self),
        }
    }
    // ANCHOR_END: allocate

    /// Allocates whole pages, for a layout without a class.
    pub(super) fn allocate_pages(self, layout: Layout) -> Option<Fresh> {
        slow::allocate_pages(self, layout)
    }

    /// Allocates whole pages for a block that grows to `new`: `size` bytes now, with as many free pages behind.
    pub(super) fn growable(self, size: usize, _new: Layout) -> Option<NonNull<[u8]>> {
        let heap = self.owned()?;
        let fresh = os::keeping_errno(|| large::growable(heap, size))?;
        Some(NonNull::slice_from_raw_parts(fresh.block, fresh.len))
    }

    /// Pops a block of `size` bytes at a multiple of 16, if the size is small and the list has a block.
    #[inline(always)]
    pub(crate) fn pop_small(self, size: usize) -> Option<NonNull<u8>> {
        if size > SMALL_MAX {
            return None;
        }
        // SAFETY: there is an entry for each size up to `SMALL_MAX`.
        let class = unsafe { *self.own().small.get_unchecked(size.div_ceil(FAST_ALIGN)) };
        self.pop(usize::from(class))
    }

    /// Does the same for every size that has a class.
    #[inline(always)]
    pub(crate) fn pop_medium(self, size: usize) -> Option<NonNull<u8>> {
        if size > CLASS_MAX {
            return None;
        }
        self.pop(classes::of_size(size.next_multiple_of(FAST_ALIGN)))
    }

    /// The bytes that a live block of this heap has for certain if it has `size` bytes: its class's size, or whole
    /// pages. Does not read the record, which tells the number of pages.
    #[inline(always)]
    pub(crate) fn known_part(self, block: NonNull<u8>, size: usize) -> Option<NonNull<[u8]>> {
        let (kind, offset) = (self.kind_of(block)?, self.offset_of(block));
        let len = match kind.class() {
            Some(class) => classes::size_of(class),
            None if kind == LARGE && is_aligned(offset, PAGE) => size.next_multiple_of(PAGE),
            None => return None,
        };
        Some(NonNull::slice_from_raw_parts(self.at(offset), len))
    }

    /// Frees a block in the pages of this heap; `false` if it lies elsewhere.
    ///
    /// # Safety
    ///
    /// As for [`free`](Self::free), but the block may be null.
    #[inline(always)]
    pub(crate) unsafe fn free_own(self, block: *mut u8) -> bool {
        let eighths = self.eighths_to(block.addr());
        if eighths >= self.limit() {
            return false;
        }
        // SAFETY: the block is in a unit of this heap, hence not null; its kind is the unit's (I2), and the caller
        // frees it.
        unsafe {
            let block = NonNull::new_unchecked(block);
            self.push(self.class_at(eighths >> (UNIT_LOG2 - 3)), block);
        }
        true
    }

    /// Frees a block that [`free_own`](Self::free_own) refused.
    ///
    /// # Safety
    ///
    /// As for [`free`](Self::free).
    #[inline(always)]
    pub(crate) unsafe fn free_refused(self, block: NonNull<u8>) {
        // SAFETY: the caller's promise is passed on.
        unsafe { slow::free(block, self) };
    }

    /// Frees a block of any heap.
    ///
    /// # Safety
    ///
    /// The block is live in any heap, and is not used again.
    // ANCHOR: free
    #[inline(always)]
    pub(crate) unsafe fn free(self, block: NonNull<u8>) {
        // SAFETY: the block is live; a class here says that it is of a slab of this heap (I2).
        unsafe {
            match self.own_class(block) {
                Some(class) => self.push(class, block),
                None => slow::free(block, self),
            }
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
        if size > CLASS_MAX {
            // SAFETY: the caller's promise is passed on.
            return unsafe { Self::free_unsized(block, self) };
        }
        let class = classes::of_size(size);
        // SAFETY: as in `free`.
        unsafe {
            match self.own_class(block) {
                Some(found) if found == class => self.push(class, block),
                Some(_) => Self::free_unsized(block, self),
                None => slow::free(block, self),
            }
        }
    }

    /// Pushes a block onto the list of its class.
    ///
    /// # Safety
    ///
    /// The block lies in this heap, in a unit of this class, and the caller frees it.
    #[inline(always)]
    unsafe fn push(self, class: usize, block: NonNull<u8>) {
        let (list, room) = (self.list(class), self.room(class));
        let first = list.get();
        if first == block.as_ptr() {
            // Freed twice in a row: the slow path ends the process.
            // SAFETY: the caller frees the block.
            return unsafe { slow::free(block, self) };
        }
        // SAFETY: the block lies in this heap, and is the caller's.
        unsafe {
            let own = self.rederive(block);
            link::write(own, first);
            list.set(own.as_ptr());
        }
        let left = room.get() - FREE_TAKES;
        room.set(left);
        if left < 0 {
            // SAFETY: pushed just now; a heap with a block is not the empty one.
            unsafe { slow::full(block, self.owned_unchecked()) };
        }
    }
    // ANCHOR_END: free

    /// Frees a block whose stated size does not tell its class.
    ///
    /// # Safety
    ///
    /// As for [`free`](Self::free).
    #[inline(never)]
    unsafe fn free_unsized(block: NonNull<u8>, heap: Self) {
        // SAFETY: the caller's promise is passed on.
        unsafe { heap.free(block) }
    }

    /// The class of the unit that the block starts in, if that is of this heap; 0 if it is no slab's.
    #[inline(always)]
    fn own_class(self, block: NonNull<u8>) -> Option<usize> {
        let eighths = self.eighths_to(block.addr().get());
        // SAFETY: the page map describes what lies below the limit (I1).
        (eighths < self.limit()).then(|| unsafe { self.class_at(eighths >> (UNIT_LOG2 - 3)) })
    }

    /// The class of the unit this far from the first that can have one; 0 if it is no slab's.
    ///
    /// # Safety
    ///
    /// The page map describes the unit, and a live block of this heap begins there.
    #[inline(always)]
    unsafe fn class_at(self, unit: usize) -> usize {
        // SAFETY: the kinds lie as far from the header as this, one for each unit (I1); the class is the first byte. No
        // thread writes to the kind of a live block's unit.
        usize::from(unsafe { self.base().add(KINDS + unit * KIND).read() })
    }

    /// Does what `at(offset_of(block))` does without an instruction: an empty piece of assembler takes the region's
    /// provenance from its first operand and the address from its second.
    ///
    /// # Safety
    ///
    /// The block lies in this heap's region.
    #[inline(always)]
    unsafe fn rederive(self, block: NonNull<u8>) -> NonNull<u8> {
        let mut own = block.as_ptr();
        // SAFETY: it executes no instruction; the result is the region's pointer at the block's address, which is not
        // null.
        unsafe {
            asm!(
                "/* {own} in {region} */",
                region = in(reg) self.as_ptr(),
                own = inout(reg) own,
                options(pure, readonly, nostack, preserves_flags),
            );
            NonNull::new_unchecked(own)
        }
    }
}
