//! What a heap is: its region, its header, what it shares with other threads, and the reference to it.
//!
//! Every folder may import this one. It imports the types whose state a heap holds (`pages`, `small`, `remote`,
//! `hardened`) to lay them out, and `hardened`'s key for links.

pub(crate) mod all;
pub(crate) mod classes;
pub(crate) mod collection;
pub(crate) mod header;
pub(crate) mod link;
pub(crate) mod ownership;
pub(crate) mod region;
pub(crate) mod shared;

use core::arch::asm;
use core::fmt;
use core::ops::{Deref, Range};
use core::ptr::NonNull;

use crate::hardened::Hardening;
use crate::pages::page_map::{KIND, Kind, PageMap};
use crate::primitive::Cell;
use crate::small::slab_record::SlabRecord;

use classes::CLASS_END;
use header::{EMPTY, HeapHeader, TICK};
use region::{KINDS, PAGE_LOG2, Parts, UNIT_LOG2};
use shared::Shared;

/// A heap, by the address of its region, with the right to all of its bytes.
///
/// A thread that does not own the heap uses [`shared`](Self::shared) only.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct HeapRef(NonNull<HeapHeader>);

impl fmt::Debug for HeapRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "heap at {:#x}", self.address())
    }
}

impl Deref for HeapRef {
    type Target = HeapHeader;

    #[inline(always)]
    fn deref(&self) -> &HeapHeader {
        // SAFETY: a heap's header lives as long as the heap, and has only cells and atomics.
        unsafe { self.0.as_ref() }
    }
}

impl HeapRef {
    /// The heap of a thread that has none yet.
    // SAFETY: a static is not at null.
    pub(crate) const EMPTY: Self =
        Self(unsafe { NonNull::new_unchecked((&raw const EMPTY.0).cast_mut()) });

    /// The heap whose region starts at `base`.
    ///
    /// # Safety
    ///
    /// It does, with a header, and `base` may be used for all of the region.
    #[inline(always)]
    pub(crate) unsafe fn from_ptr(base: *mut HeapHeader) -> Self {
        // SAFETY: a region does not start at null.
        Self(unsafe { NonNull::new_unchecked(base) })
    }

    pub(crate) fn as_ptr(self) -> *mut HeapHeader {
        self.0.as_ptr()
    }

    pub(crate) fn base(self) -> NonNull<u8> {
        self.0.cast()
    }

    #[inline(always)]
    pub(crate) fn address(self) -> usize {
        self.0.addr().get()
    }

    /// The part that any thread may use.
    pub(crate) fn shared(&self) -> &Shared {
        // SAFETY: as in `deref`.
        unsafe { &(*self.0.as_ptr()).shared }
    }

    /// The hardened mode's state of the heap. Not written to if the heap has no memory.
    #[inline(always)]
    pub(crate) fn hardening(&self) -> Option<&Hardening> {
        self.hardening.first()
    }

    /// Whether this is [`EMPTY`].
    pub(crate) fn is_empty(self) -> bool {
        self.shared().len() == 0
    }

    pub(crate) fn page_map(self) -> PageMap {
        // SAFETY: a region with these parts begins at the base.
        unsafe { self.parts().page_map(self.base()) }
    }

    /// Where the region's parts lie.
    #[inline]
    pub(crate) fn parts(self) -> Parts {
        region::parts(self.shared().len() >> PAGE_LOG2)
    }

    /// The block at an offset of the region. A caller's address becomes a pointer only here, by its distance from the
    /// region's start, so that the pointer has the region's provenance and not the caller's.
    #[inline(always)]
    pub(crate) fn at(self, offset: usize) -> NonNull<u8> {
        debug_assert!(offset < self.shared().len());
        // SAFETY: the offset is below the region's length.
        unsafe { self.base().add(offset) }
    }

    /// Does what `at(offset_of(block))` does without an instruction: an empty piece of assembler takes the region's
    /// provenance from its first operand and the address from its second.
    ///
    /// # Safety
    ///
    /// The block lies in this heap's region.
    #[inline(always)]
    pub(crate) unsafe fn own(self, block: NonNull<u8>) -> NonNull<u8> {
        let mut own = block.as_ptr();
        // SAFETY: does nothing; the result is the region's pointer at the block's address, which
        // is not null.
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

    /// The block's distance from the region's start; beyond its end if it is not of this heap.
    #[inline(always)]
    pub(crate) fn offset_of(self, block: NonNull<u8>) -> usize {
        block.addr().get().wrapping_sub(self.address())
    }

    /// The list of a class.
    #[inline(always)]
    pub(crate) fn list(&self, class: usize) -> &Cell<*mut u8> {
        debug_assert!(class < CLASS_END);
        // SAFETY: classes are below `CLASS_END`, as the table and the page map have it.
        unsafe { self.lists.get_unchecked(class) }
    }

    /// How many more blocks the list of a class may have.
    #[inline(always)]
    pub(crate) fn room(&self, class: usize) -> &Cell<i32> {
        debug_assert!(class < CLASS_END);
        // SAFETY: as in `list`.
        unsafe { self.rooms.get_unchecked(class) }
    }

    /// The record of the slab that begins with this unit.
    pub(crate) fn record(&self, unit: u32) -> &SlabRecord {
        self.record_at(self.parts().slab_record(unit as usize))
    }

    /// The record of a slab that lies at this offset of the region.
    #[inline(always)]
    pub(crate) fn record_at(&self, offset: usize) -> &SlabRecord {
        // SAFETY: a record lies there, zero at first, and the region lives as long as the heap (I1).
        unsafe { &*self.0.as_ptr().cast::<u8>().add(offset).cast() }
    }

    /// The class of the unit this far from the first that can have one; 0 if it is no slab's.
    #[inline(always)]
    pub(crate) fn class(self, unit: usize) -> usize {
        // SAFETY: the kinds lie as far from the header as this, one for each unit (I1). Nobody else writes to that
        // of a live block's unit.
        let class = unsafe { self.base().add(KINDS + unit * KIND).read() };
        usize::from(class)
    }

    /// The class of the unit that the block starts in, if that is of this heap; 0 if it is no slab's.
    #[inline(always)]
    pub(crate) fn class_at(self, block: NonNull<u8>) -> Option<usize> {
        let eighths = self.eighths_to(block.addr().get());
        (eighths < self.limit()).then(|| self.class(eighths >> (UNIT_LOG2 - 3)))
    }

    /// The kind of the unit that the block starts in, if that is of this heap.
    #[inline]
    pub(crate) fn kind_of(self, block: NonNull<u8>) -> Option<Kind> {
        let unit = || self.offset_of(block) >> UNIT_LOG2;
        self.has(block).then(|| self.page_map().unit_kind(unit()))
    }

    /// Whether the block lies at a multiple of 8 bytes from the first page, where the page map describes it.
    #[inline(always)]
    pub(crate) fn has(self, block: NonNull<u8>) -> bool {
        self.eighths_to(block.addr().get()) < self.limit()
    }

    /// Whether the page map describes an offset. Without that the offset has no kind.
    #[inline]
    pub(crate) fn describes(self, offset: usize) -> bool {
        offset < self.shared().described() && offset >= self.first_offset()
    }

    /// The offsets that the page map describes.
    pub(crate) fn described(self) -> Range<usize> {
        self.first_offset()..self.shared().described()
    }

    /// The offset of the first page that blocks can have.
    fn first_offset(self) -> usize {
        self.start.get() - self.address()
    }

    /// Updates the limit after the owner took pages, which the page map describes by now.
    pub(crate) fn has_grown(self) {
        self.limit
            .set((self.shared().described() - self.first_offset()) >> 3);
    }

    /// The class of each size up to [`SMALL_MAX`](classes::SMALL_MAX), in steps of 16.
    #[inline(always)]
    pub(crate) fn small(&self) -> &classes::Small {
        &self.small
    }

    /// The first distance, in eighths, that is beyond the pages that the page map describes.
    #[inline(always)]
    pub(crate) fn limit(&self) -> usize {
        self.limit.get()
    }

    /// The distance from the first page in units of 8 bytes. The rotation puts a distance that is no multiple of 8
    /// beyond every limit.
    #[inline(always)]
    pub(crate) fn eighths_to(self, address: usize) -> usize {
        address.wrapping_sub(self.start.get()).rotate_right(3)
    }

    /// Counts events. Returns `true` and starts again when it is time to read the clock.
    pub(crate) fn count(self, n: u32) -> bool {
        let left = self.ticks.get().saturating_sub(n);
        self.ticks.set(if left == 0 { TICK } else { left });
        left == 0
    }
}
