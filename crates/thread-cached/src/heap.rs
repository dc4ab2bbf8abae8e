//! One heap: the lists that its owner pops and pushes, and what other threads may touch.

use core::alloc::Layout;
use core::arch::asm;
use core::fmt;
use core::ops::{Deref, Range};
use core::ptr::{NonNull, null_mut};

use crate::classes::{self, CLASS_END, CLASS_MAX, FAST_ALIGN, SMALL_MAX, Small};
use crate::collect::Collection;
use crate::hardened::{self, Hardening};
use crate::link;
use crate::magazines::Magazines;
use crate::page_map::{KIND, Kind, PageMap};
use crate::primitive::Cell;
use crate::region::{self, KINDS, PAGE_LOG2, Parts, UNIT_LOG2};
use crate::remote_cache::RemoteCache;
use crate::shared::Shared;
use crate::slab_record::SlabRecord;
use crate::slabs::Slabs;
use crate::slow;
use crate::span_cache::SpanCache;
use crate::spans::Spans;
use crate::subpage::SubpageSlabs;

/// The owner looks at the clock once in this many events.
const TICK: u32 = 256;

/// What a block on a list takes of the list's room, …
pub(crate) const STEP: i32 = 8;

/// … and what freeing takes: a little more than allocating gives back. So the room is over now and then even if a
/// program frees no more than it allocates, and the owner looks at the clock.
pub(crate) const FREE_TAKES: i32 = STEP + 1;

/// The first bytes of a region. Everything but `shared` is the owner's alone.
#[repr(C, align(64))]
pub(crate) struct HeapHeader {
    /// Where the pages begin that blocks can have.
    start: Cell<usize>,
    /// How far from there the page map reached when the owner last took pages, in eighths as
    /// [`HeapRef::has`] counts them.
    limit: Cell<usize>,
    small: Small,
    /// The free blocks of each class that are at hand, last in first out.
    lists: [Cell<*mut u8>; CLASS_END],
    /// How many more blocks each list may have, in steps of [`STEP`]. There is no room in that of class 0, which is
    /// that of all units without a slab.
    rooms: [Cell<i32>; CLASS_END],
    /// Events until the next look at the clock.
    ticks: Cell<u32>,
    pub(crate) magazines: Magazines,
    pub(crate) slabs: Slabs,
    pub(crate) subpage: SubpageSlabs,
    pub(crate) collection: Collection,
    pub(crate) remote_cache: RemoteCache,
    pub(crate) span_cache: SpanCache,
    hardening: [Hardening; hardened::N],
    shared: Shared,
}

/// A heap that every thread may have at once, because it has no memory and is never written to.
#[repr(transparent)]
pub(crate) struct Empty(pub(crate) HeapHeader);

// SAFETY: nothing in it is ever written to: its lists are empty, and no offset is below its limit.
unsafe impl Sync for Empty {}

/// The heap of a thread that has none yet.
pub(crate) static EMPTY: Empty = Empty(HeapHeader::new());

impl HeapHeader {
    /// That of a heap without memory.
    const fn new() -> Self {
        Self {
            start: Cell::new(0),
            limit: Cell::new(0),
            small: classes::SMALL,
            lists: [const { Cell::new(null_mut()) }; CLASS_END],
            rooms: [const { Cell::new(0) }; CLASS_END],
            ticks: Cell::new(TICK),
            magazines: Magazines::new(),
            slabs: Slabs::new(),
            subpage: SubpageSlabs::new(),
            collection: Collection::new(),
            remote_cache: RemoteCache::new(),
            span_cache: SpanCache::new(),
            hardening: [const { Hardening::new() }; hardened::N],
            shared: Shared::new(Spans::EMPTY, 0, false),
        }
    }

    /// Writes the header of a heap whose pages begin `first_offset` bytes behind it: in place, because it is
    /// larger than a thread with a small stack may have room for.
    ///
    /// # Safety
    ///
    /// The bytes at `place` are a header's to be, and nobody else's.
    pub(crate) unsafe fn write(place: NonNull<Self>, first_offset: usize, shared: Shared) {
        let header = place.as_ptr();
        // SAFETY: the caller's promise.
        unsafe {
            header.copy_from_nonoverlapping(&raw const EMPTY.0, 1);
            (&raw mut (*header).start).write(Cell::new(place.addr().get() + first_offset));
            (&raw mut (*header).shared).write(shared);
        }
    }
}

/// A heap, by the address of its region, with the right to all of its bytes.
///
/// Whoever is not the owner uses [`shared`](Self::shared) only.
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

    /// What any thread may touch.
    pub(crate) fn shared(&self) -> &Shared {
        // SAFETY: as in `deref`.
        unsafe { &(*self.0.as_ptr()).shared }
    }

    /// What the hardened mode keeps of the heap. Not written to if the heap has no memory.
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

    /// The block at an offset of the region. This is the one place where an address that a caller
    /// gave becomes a pointer again: by its distance from the region's start, so that the pointer
    /// has the region's right and not the caller's.
    #[inline(always)]
    pub(crate) fn at(self, offset: usize) -> NonNull<u8> {
        debug_assert!(offset < self.shared().len());
        // SAFETY: the offset is below the region's length.
        unsafe { self.base().add(offset) }
    }

    /// As `at(offset_of(block))`, at no cost: an empty piece of assembler, which has the right to
    /// the region from its first operand, and needs no instruction to say where the block is.
    ///
    /// # Safety
    ///
    /// The block lies in this heap's region.
    #[inline(always)]
    unsafe fn own(self, block: NonNull<u8>) -> NonNull<u8> {
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
    fn class(self, unit: usize) -> usize {
        // SAFETY: the kinds lie as far from the header as this, one for each unit (I1). Nobody else writes to that
        // of a live block's unit.
        let class = unsafe { self.base().add(KINDS + unit * KIND).read() };
        usize::from(class)
    }

    /// A block for `layout`, or null.
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

    /// The first block of a class's list.
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

    /// A block of `size` bytes at a multiple of 16, if it is small and one is at hand.
    #[inline(always)]
    pub(crate) fn pop_small(self, size: usize) -> Option<NonNull<u8>> {
        if cfg!(feature = "hardened") || size > SMALL_MAX {
            return None;
        }
        // SAFETY: there is an entry for each size up to `SMALL_MAX`.
        let class = unsafe { *self.small.get_unchecked(size.div_ceil(FAST_ALIGN)) };
        self.pop(usize::from(class))
    }

    /// As [`pop_small`](Self::pop_small), for larger blocks that have a class.
    #[inline(always)]
    pub(crate) fn pop_medium(self, size: usize) -> Option<NonNull<u8>> {
        if cfg!(feature = "hardened") || size > CLASS_MAX {
            return None;
        }
        self.pop(classes::of_size(size.next_multiple_of(FAST_ALIGN)))
    }

    /// Takes a block of a slab of this heap back; `false` if it is anything else.
    ///
    /// # Safety
    ///
    /// As for [`free`](Self::free), but that the block may be null.
    #[inline(always)]
    pub(crate) unsafe fn free_own(self, block: *mut u8) -> bool {
        let eighths = self.eighths_to(block.addr());
        if cfg!(feature = "hardened") || eighths >= self.limit.get() {
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

    /// Takes a block back, whosever it is.
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

    /// The same for a block of which `size` bytes were asked for: they tell the class, so that no
    /// address waits for the page map; that only confirms it.
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

    /// Puts a block on the list of its class.
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

    /// The class of the unit that the block starts in, if that is of this heap; 0 if it is no slab's.
    #[inline(always)]
    fn class_at(self, block: NonNull<u8>) -> Option<usize> {
        let eighths = self.eighths_to(block.addr().get());
        (eighths < self.limit.get()).then(|| self.class(eighths >> (UNIT_LOG2 - 3)))
    }

    /// The kind of the unit that the block starts in, if that is of this heap.
    #[inline]
    pub(crate) fn kind_of(self, block: NonNull<u8>) -> Option<Kind> {
        let unit = || self.offset_of(block) >> UNIT_LOG2;
        self.has(block).then(|| self.page_map().unit_kind(unit()))
    }

    /// Whether the block is a multiple of 8 bytes from the first page, and the page map describes
    /// where it is.
    #[inline(always)]
    pub(crate) fn has(self, block: NonNull<u8>) -> bool {
        self.eighths_to(block.addr().get()) < self.limit.get()
    }

    /// Whether the page map describes what is at an offset: only then it has a kind.
    #[inline]
    pub(crate) fn describes(self, offset: usize) -> bool {
        offset < self.shared().described() && offset >= self.first_offset()
    }

    /// The offsets that the page map describes.
    pub(crate) fn described(self) -> Range<usize> {
        self.first_offset()..self.shared().described()
    }

    /// Where the pages begin that blocks can have.
    fn first_offset(self) -> usize {
        self.start.get() - self.address()
    }

    /// The owner took pages, which the page map describes by now.
    pub(crate) fn has_grown(self) {
        self.limit
            .set((self.shared().described() - self.first_offset()) >> 3);
    }

    /// How many times 8 bytes the address is from the first page; rotated, what is no multiple of 8 is
    /// beyond every limit.
    #[inline(always)]
    fn eighths_to(self, address: usize) -> usize {
        address.wrapping_sub(self.start.get()).rotate_right(3)
    }

    /// Counts events; `true` when the clock is due, and the count starts again.
    pub(crate) fn count(self, n: u32) -> bool {
        let left = self.ticks.get().saturating_sub(n);
        self.ticks.set(if left == 0 { TICK } else { left });
        left == 0
    }
}
