//! Ownership as a type: the references through which a heap's owner reaches what is its own.
//!
//! [`HeapRef`] shows what all threads share. An [`Owned`] shows the lists and the rest of the header as well, and proves
//! that the calling thread owns the heap. Only three places give one out: adoption, in this file; `lifecycle`, which
//! creates heaps and knows the calling thread's; and a private heap's handle. It is `Copy`, costs no instruction, and
//! stays in its thread.

use core::marker::PhantomData;
use core::ops::Deref;
use core::ptr::NonNull;

use crate::heap::HeapRef;
use crate::heap::class_state::ClassState;
use crate::heap::header::{HeapHeader, KINDS, STEP, TICK};
use crate::heap::slab_record::SlabRecord;
use crate::layout::classes::CLASS_END;
use crate::layout::units::UNIT_LOG2;
use crate::link;
use crate::pages::page_map::Kind;
use crate::primitive::Cell;

/// A heap that the calling thread owns for `'a`, or the empty heap, which has no memory and which no thread writes to.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct MaybeOwned<'a> {
    heap: HeapRef,
    header: PhantomData<&'a HeapHeader>,
}

/// A heap with memory that the calling thread owns for `'a`.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct Owned<'a>(MaybeOwned<'a>);

impl Deref for MaybeOwned<'_> {
    type Target = HeapRef;

    #[inline(always)]
    fn deref(&self) -> &HeapRef {
        &self.heap
    }
}

impl<'a> Deref for Owned<'a> {
    type Target = MaybeOwned<'a>;

    #[inline(always)]
    fn deref(&self) -> &MaybeOwned<'a> {
        &self.0
    }
}

impl HeapRef {
    /// Adopts the heap if no thread owns it.
    pub(crate) fn adopt<'a>(self) -> Option<Owned<'a>> {
        // SAFETY: the exchange made the calling thread the owner.
        let owned = || unsafe { Owned::new(self) };
        self.shared().ownership.adopt().then(owned)
    }

    /// Adopts the heap while `body` runs; `None` if a thread owns it.
    pub(crate) fn while_adopted<R>(self, body: impl FnOnce(Owned<'_>) -> R) -> Option<R> {
        let heap = self.adopt()?;
        let result = body(heap);
        // SAFETY: `body` could not keep a copy.
        unsafe { heap.abandon() };
        Some(result)
    }
}

impl<'a> MaybeOwned<'a> {
    /// # Safety
    ///
    /// The calling thread owns the heap for `'a`, or the heap is the empty one.
    #[inline(always)]
    pub(crate) unsafe fn new(heap: HeapRef) -> Self {
        Self {
            heap,
            header: PhantomData,
        }
    }

    /// What only the owner uses. A caller writes to none of it if the heap is the empty one.
    #[inline(always)]
    pub(crate) fn own(self) -> &'a HeapHeader {
        // SAFETY: a heap's header lives as long as the heap. It has only cells and atomics, and the cells are the
        // calling thread's.
        unsafe { &*self.heap.as_ptr() }
    }

    /// The heap, unless it is the empty one.
    pub(crate) fn owned(self) -> Option<Owned<'a>> {
        (!self.is_empty()).then_some(Owned(self))
    }

    /// # Safety
    ///
    /// The heap is not the empty one.
    #[inline(always)]
    pub(crate) unsafe fn owned_unchecked(self) -> Owned<'a> {
        debug_assert!(!self.is_empty());
        Owned(self)
    }

    /// The list of a class.
    #[inline(always)]
    pub(crate) fn list(self, class: usize) -> &'a Cell<*mut u8> {
        debug_assert!(class < CLASS_END);
        // SAFETY: classes are below `CLASS_END`, in the table and in the page map.
        unsafe { self.own().lists.get_unchecked(class) }
    }

    /// How many more blocks the list of a class may have.
    #[inline(always)]
    pub(crate) fn room(self, class: usize) -> &'a Cell<i32> {
        debug_assert!(class < CLASS_END);
        // SAFETY: as in `list`.
        unsafe { self.own().rooms.get_unchecked(class) }
    }

    /// The rest of what the heap keeps of a class.
    pub(crate) fn class_state(self, class: usize) -> &'a ClassState {
        &self.own().classes[class]
    }

    /// Pops the first block of a class's list.
    // ANCHOR: pop
    #[inline(always)]
    pub(crate) fn pop(self, class: usize) -> Option<NonNull<u8>> {
        let (list, room) = (self.list(class), self.room(class));
        let block = NonNull::new(list.get())?;
        // SAFETY: a listed block is free and linked (I3).
        list.set(unsafe { link::read(block) });
        room.set(room.get() + STEP);
        Some(block)
    }
    // ANCHOR_END: pop

    /// The first distance, in eighths, that is beyond the pages that the page map describes.
    #[inline(always)]
    pub(crate) fn limit(self) -> usize {
        self.own().limit.get()
    }

    /// The distance from the first page in units of 8 bytes. The rotation puts a distance that is no multiple of 8
    /// beyond every limit.
    #[inline(always)]
    pub(crate) fn eighths_to(self, address: usize) -> usize {
        address.wrapping_sub(self.own().start).rotate_right(3)
    }

    /// The kind of the unit that the block starts in, if that is of this heap.
    #[inline]
    pub(crate) fn kind_of(self, block: NonNull<u8>) -> Option<Kind> {
        let eighths = self.eighths_to(block.addr().get());
        // SAFETY: the kinds lie as far from the header as this, one for each unit that is described (I1).
        let kind =
            || unsafe { Kind::read(self.base().as_ptr().add(KINDS), eighths >> (UNIT_LOG2 - 3)) };
        (eighths < self.limit()).then(kind)
    }
}

impl<'a> Owned<'a> {
    /// # Safety
    ///
    /// The calling thread owns the heap for `'a`.
    pub(crate) unsafe fn new(heap: HeapRef) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { MaybeOwned::new(heap) })
    }

    /// The same heap for code that a thread without a heap may run as well.
    #[inline(always)]
    pub(crate) fn maybe(self) -> MaybeOwned<'a> {
        self.0
    }

    /// Abandons the heap: the next thread that wants one may own it.
    ///
    /// # Safety
    ///
    /// The calling thread uses no copy of this value again.
    pub(crate) unsafe fn abandon(self) {
        self.shared().ownership.abandon();
    }

    /// The record of the slab that begins with this unit.
    pub(crate) fn record(self, unit: u32) -> &'a SlabRecord {
        self.record_at(self.parts().slab_record(unit as usize))
    }

    /// The record of a slab that lies at this offset of the region.
    #[inline(always)]
    pub(crate) fn record_at(self, offset: usize) -> &'a SlabRecord {
        // SAFETY: a record lies there, zero at first, and the region lives as long as the heap (I1).
        unsafe { &*self.base().as_ptr().add(offset).cast() }
    }

    /// Updates the limit after the owner took pages, which the page map describes by now.
    pub(crate) fn has_grown(self) {
        let described = self.described();
        self.own().limit.set(described.len() >> 3);
    }

    /// Counts events. Returns `true` and starts again when it is time to read the clock.
    pub(crate) fn count(self, n: u32) -> bool {
        let ticks = &self.own().ticks;
        let left = ticks.get().saturating_sub(n);
        ticks.set(if left == 0 { TICK } else { left });
        left == 0
    }
}

/// Compiles only if a token can leave its thread by no safe means: for a type that is `Send` or `Sync` the two
/// implementations of a trait would be ambiguous.
const _: fn() = || {
    trait Stays<Which> {
        fn check() {}
    }
    struct IfSend;
    struct IfSync;
    impl<T: ?Sized> Stays<()> for T {}
    impl<T: ?Sized + Send> Stays<IfSend> for T {}
    impl<T: ?Sized + Sync> Stays<IfSync> for T {}
    <Owned<'static> as Stays<_>>::check();
    <MaybeOwned<'static> as Stays<_>>::check();
};
