//! What a heap is: its header with the state of every role, the part that all threads share, and the references to it.
//!
//! Imports `remote`, `pages`, `hardened`, `layout` and `os`.

pub(crate) mod all;
pub(crate) mod cached_spans;
pub(crate) mod class_state;
pub(crate) mod growth;
pub(crate) mod header;
pub(crate) mod owned;
pub(crate) mod ownership;
pub(crate) mod shared;
pub(crate) mod slab_record;

use core::fmt;
use core::ops::Range;
use core::ptr::NonNull;

use crate::hardened::State;
use crate::heap::header::{EMPTY, HeapHeader, KINDS};
use crate::heap::shared::Shared;
use crate::layout::units::{PAGE_LOG2, UNIT_LOG2};
use crate::pages::page_map::{Kind, PageMap};
use crate::pages::parts::Parts;
use crate::primitive::AtomicPtr;

/// A heap, by the address of its region, with the right to all of its bytes. Any thread may use it: it shows only what
/// threads share. The owner has an [`Owned`](owned::Owned).
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct HeapRef(NonNull<HeapHeader>);

impl fmt::Debug for HeapRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "heap at {:#x}", self.address())
    }
}

impl HeapRef {
    /// The heap of a thread that has none yet.
    // SAFETY: a static is not at null.
    pub(crate) const EMPTY: Self =
        Self(unsafe { NonNull::new_unchecked((&raw const EMPTY).cast_mut().cast()) });

    /// Returns the heap whose region starts at `base`.
    ///
    /// # Safety
    ///
    /// A region with a header starts at `base`, whose provenance covers the region, or it is the empty heap.
    #[inline(always)]
    pub(crate) unsafe fn from_ptr(base: *mut HeapHeader) -> Self {
        // SAFETY: a region does not start at null.
        Self(unsafe { NonNull::new_unchecked(base) })
    }

    pub(crate) fn as_ptr(self) -> *mut HeapHeader {
        self.0.as_ptr()
    }

    /// This reference, where a token of the owner has it.
    #[inline(always)]
    pub(crate) fn heap_ref(self) -> Self {
        self
    }

    pub(crate) fn base(self) -> NonNull<u8> {
        self.0.cast()
    }

    #[inline(always)]
    pub(crate) fn address(self) -> usize {
        self.0.addr().get()
    }

    /// The part that any thread may use.
    pub(crate) fn shared<'a>(self) -> &'a Shared {
        // SAFETY: a heap's header lives as long as the heap, and this part of it is for all threads.
        unsafe { &(*self.0.as_ptr()).shared }
    }

    /// Where the address of the next older heap is.
    pub(super) fn older<'a>(self) -> &'a AtomicPtr<HeapHeader> {
        // SAFETY: as in `shared`.
        unsafe { &(*self.0.as_ptr()).older }
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
        HeapHeader::parts(self.shared().len() >> PAGE_LOG2)
    }

    /// The block at an offset of the region. A caller's address becomes a pointer only here, by its distance from the
    /// region's start, so that the pointer has the region's provenance and not the caller's.
    #[inline(always)]
    pub(crate) fn at(self, offset: usize) -> NonNull<u8> {
        debug_assert!(offset < self.shared().len());
        // SAFETY: the offset is below the region's length.
        unsafe { self.base().add(offset) }
    }

    /// The block's distance from the region's start; beyond its end if it is not of this heap.
    #[inline(always)]
    pub(crate) fn offset_of(self, block: NonNull<u8>) -> usize {
        block.addr().get().wrapping_sub(self.address())
    }

    /// The hardened mode's state of the block at an offset.
    #[inline]
    pub(crate) fn state(self, offset: usize) -> State {
        debug_assert!(offset < self.shared().len());
        // SAFETY: the region has these states (I1), and lives as long as its blocks.
        unsafe { State::at(self.states(), offset) }
    }

    /// Where the hardened mode's states begin.
    #[inline]
    pub(crate) fn states(self) -> NonNull<u8> {
        // SAFETY: the region has these parts (I1).
        unsafe { self.base().add(self.parts().states) }
    }

    /// The class of the slab that the block lies in, at a multiple of 8 bytes; `None` if it lies in none.
    #[inline]
    pub(crate) fn class_of(self, block: NonNull<u8>) -> Option<usize> {
        let first = self.first_offset();
        let eighths = (self.offset_of(block).wrapping_sub(first)).rotate_right(3);
        if eighths >= (self.shared().described() - first) >> 3 {
            return None;
        }
        let unit = eighths >> (UNIT_LOG2 - 3);
        // SAFETY: the kinds lie as far from the header as this, one for each unit that is described (I1).
        unsafe { Kind::read(self.base().as_ptr().add(KINDS), unit) }.class()
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
        // SAFETY: as in `shared`; no thread writes to this field once others know the heap.
        let start = unsafe { (*self.0.as_ptr()).start };
        start - self.address()
    }
}
