//! One heap: the lists that its owner pops and pushes, and what other threads may touch.

use core::alloc::Layout;
use core::arch::asm;
use core::fmt;
use core::ops::Deref;
use core::ptr::{NonNull, null_mut};

use crate::classes::{self, CLASS_END, CLASS_MAX, FIRST_CUT_LATE};
use crate::hardened::{self, Hardening};
use crate::link;
use crate::outbox::Outbox;
use crate::page_map::{PageMap, class_of, slab_of};
use crate::primitive::{AtomicU8, Cell, Ordering};
use crate::recent::Recent;
use crate::region::{self, KINDS, PAGE_LOG2, Parts, UNIT_LOG2};
use crate::shared::Shared;
use crate::slab::Uncut;
use crate::slow;
use crate::spans::Spans;
use crate::sweep::Rhythm;

/// The owner looks at the clock once in this many frees.
pub(crate) const TICK: u32 = 256;

/// The first bytes of a region. Everything but `shared` is the owner's alone.
#[repr(C, align(64))]
pub(crate) struct HeapHeader {
    /// The free blocks of each class, last in first out.
    lists: [Cell<*mut u8>; CLASS_END],
    /// [`Shared::described`] when the owner last took pages, in eighths as [`HeapRef::has`] counts them.
    limit: Cell<usize>,
    /// Frees until the next look at the clock.
    ticks: Cell<u32>,
    pub(crate) rhythm: Rhythm,
    pub(crate) outbox: Outbox,
    pub(crate) recent: Recent,
    uncut: [Cell<Uncut>; CLASS_END - FIRST_CUT_LATE],
    hardening: [Hardening; hardened::N],
    shared: Shared,
}

/// A heap that every thread may have at once, because it has no memory and is never written to.
#[repr(transparent)]
pub(crate) struct Empty(pub(crate) HeapHeader);

// SAFETY: nothing in it is ever written to: its lists are empty, and no offset is below its limit.
unsafe impl Sync for Empty {}

/// The heap of a thread that has none yet.
pub(crate) static EMPTY: Empty = Empty(HeapHeader::new(Spans::EMPTY, 0, false));

impl HeapHeader {
    pub(crate) const fn new(spans: Spans, len: usize, is_private: bool) -> Self {
        Self {
            lists: [const { Cell::new(null_mut()) }; CLASS_END],
            limit: Cell::new(spans.described() >> 3),
            ticks: Cell::new(TICK),
            rhythm: Rhythm::new(),
            outbox: Outbox::new(),
            recent: Recent::new(),
            uncut: [const { Cell::new(Uncut::NONE) }; CLASS_END - FIRST_CUT_LATE],
            hardening: [const { Hardening::new() }; hardened::N],
            shared: Shared::new(spans, len, is_private),
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

    /// What is uncut of the newest slab of a class, for those that are not cut at once.
    pub(crate) fn uncut(&self, class: usize) -> Option<&Cell<Uncut>> {
        self.uncut.get(class.wrapping_sub(FIRST_CUT_LATE))
    }

    /// The kind of a unit of this heap's region.
    #[inline(always)]
    pub(crate) fn kind(self, unit: usize) -> u8 {
        // SAFETY: the kinds lie right behind the header, one for each unit (I1).
        let kind = unsafe { &*self.base().as_ptr().add(KINDS + unit).cast::<AtomicU8>() };
        kind.load(Ordering::Relaxed)
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
        let list = self.list(class);
        let Some(block) = NonNull::new(list.get()) else {
            return slow::refill(class, self);
        };
        // SAFETY: a listed block is free and linked (I3).
        list.set(unsafe { link::read(block) });
        block.as_ptr()
    }
    // ANCHOR_END: allocate

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
        match self.kind_of(block).and_then(class_of) {
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
        match self.kind_of(block) {
            // SAFETY: the block is of a slab of ours (I2), and the caller frees it.
            Some(kind) if kind == slab_of(class) => unsafe { self.push(class, block) },
            Some(_) => slow::free_unsized(block, self),
            None => slow::free(block, self),
        }
    }

    /// The kind of the unit that the block starts in, if that is of this heap.
    #[inline(always)]
    pub(crate) fn kind_of(self, block: NonNull<u8>) -> Option<u8> {
        let eighths = self.eighths_to(block);
        (eighths < self.limit.get()).then(|| self.kind(eighths >> (UNIT_LOG2 - 3)))
    }

    /// Whether the block is a multiple of 8 bytes from the region's start, and the page map describes
    /// where it is.
    #[inline(always)]
    pub(crate) fn has(self, block: NonNull<u8>) -> bool {
        self.eighths_to(block) < self.limit.get()
    }

    /// Whether the page map describes what is at an offset: only then it has a kind.
    #[inline]
    pub(crate) fn describes(self, offset: usize) -> bool {
        offset < self.shared().described()
    }

    /// The owner took pages, which the page map describes by now.
    pub(crate) fn has_grown(self) {
        self.limit.set(self.shared().described() >> 3);
    }

    /// How many times 8 bytes the block is from the region's start; rotated, what is no multiple of 8 is
    /// beyond every limit.
    #[inline(always)]
    fn eighths_to(self, block: NonNull<u8>) -> usize {
        self.offset_of(block).rotate_right(3)
    }

    /// Puts a block on the list of its class.
    ///
    /// # Safety
    ///
    /// The calling thread owns the heap; the block is of a slab of this class of the heap, and the
    /// caller frees it.
    #[inline(always)]
    unsafe fn push(self, class: usize, block: NonNull<u8>) {
        let list = self.list(class);
        let first = list.get();
        if first == block.as_ptr() {
            // Freed twice in a row: the slow path ends the process.
            return slow::free(block, self);
        }
        // SAFETY: the block lies in this heap, and is the caller's.
        let block = unsafe {
            let block = self.own(block);
            link::write(block, first);
            block
        };
        list.set(block.as_ptr());
        self.tick(class);
    }
    // ANCHOR_END: free

    /// Counts a free.
    #[inline(always)]
    pub(crate) fn tick(self, class: usize) {
        let left = self.ticks.get().wrapping_sub(1);
        self.ticks.set(left);
        if left == 0 {
            slow::tick(self, class);
        }
    }

    /// Counts frees that the fast path does not see; `true` when the clock is due.
    pub(crate) fn count(self, n: u32) -> bool {
        let left = self.ticks.get().saturating_sub(n).max(1);
        self.ticks.set(left);
        left == 1
    }

    /// Starts the count again.
    pub(crate) fn rewind(self) {
        self.ticks.set(TICK);
    }
}
