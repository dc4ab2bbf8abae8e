//! The first bytes of a region: the lists that the owner pops and pushes, and the state of every part of a heap.

use core::mem::MaybeUninit;
use core::ptr::{NonNull, null_mut};

use crate::hardened::Hardening;
use crate::heap::class_state::ClassState;
use crate::heap::shared::Shared;
use crate::layout::classes::{self, CLASS_END, Small};
use crate::pages::parts::Parts;
use crate::pages::span_cache::SpanCache;
use crate::pages::spans::Spans;
use crate::primitive::{AtomicPtr, Cell};
use crate::remote::remote_cache::RemoteCache;

/// Offset of the page map's kinds, which is the same in every region.
pub(crate) const KINDS: usize = HeapHeader::parts(0).kinds();

/// The owner reads the clock once in this many events.
pub(super) const TICK: u32 = 256;

/// Room that one block on a list takes, …
pub(crate) const STEP: i32 = 8;

/// … and room that one free takes. It is a little more than allocating gives back, so the room runs out from time to
/// time even if a program frees no more than it allocates, and the owner reads the clock.
pub(crate) const FREE_TAKES: i32 = STEP + 1;

/// The first bytes of a region. Only the owner uses them, except `start`, `shared` and `older`.
#[repr(C, align(64))]
pub(crate) struct HeapHeader {
    /// Address of the first page that blocks can have.
    pub(super) start: usize,
    /// Distance from there to the end of what the page map describes, in units of 8 bytes, when the owner last took
    /// pages.
    pub(super) limit: Cell<usize>,
    /// The class of each size up to [`SMALL_MAX`](classes::SMALL_MAX), in steps of 16.
    pub(crate) small: Small,
    /// The free blocks of each class that the hit paths pop and push, last in first out.
    pub(super) lists: [Cell<*mut u8>; CLASS_END],
    /// How many more blocks each list may have, in steps of [`STEP`]. The list of class 0, which stands for all units
    /// without a slab, never has room.
    pub(super) rooms: [Cell<i32>; CLASS_END],
    /// Events until the owner reads the clock.
    pub(super) ticks: Cell<u32>,
    pub(super) classes: [ClassState; CLASS_END],
    /// Whether a slab found no room in the sub-page area since a slab was last given up.
    pub(crate) subpage_is_full: Cell<bool>,
    /// Bytes of slabs.
    pub(crate) slab_bytes: Cell<usize>,
    /// Pages that the heap grew by since a growing heap last collected.
    pub(crate) grown: Cell<u32>,
    /// Time of the last collection.
    pub(crate) last_collection: Cell<u32>,
    pub(crate) remote_cache: RemoteCache,
    pub(crate) span_cache: SpanCache,
    pub(crate) hardening: Hardening,
    pub(super) shared: Shared,
    /// The next older heap.
    pub(super) older: AtomicPtr<Self>,
}

/// The bytes of a header without memory, which all threads can share. A type with cells would lie among the pages that
/// a process writes to, and keep those apart.
#[repr(C, align(64))]
pub(crate) struct Empty([MaybeUninit<u8>; size_of::<HeapHeader>()]);

/// The heap of a thread that has none yet.
///
/// It is read-only memory: its lists are empty and no offset is below its limit, so no thread writes to it.
pub(crate) static EMPTY: Empty = {
    let header = HeapHeader::new();
    // SAFETY: any bytes are valid for the array, which has the length and the alignment of the header.
    unsafe { (&raw const header).cast::<Empty>().read() }
};

const _: () = assert!(align_of::<Empty>() == align_of::<HeapHeader>());

impl HeapHeader {
    /// The parts of a region of `n_pages` pages, of which a header is the first.
    #[inline]
    pub(crate) const fn parts(n_pages: usize) -> Parts {
        Parts::of(n_pages, size_of::<Self>())
    }

    /// The header of a heap without memory.
    const fn new() -> Self {
        Self {
            start: 0,
            limit: Cell::new(0),
            small: classes::SMALL,
            lists: [const { Cell::new(null_mut()) }; CLASS_END],
            rooms: [const { Cell::new(0) }; CLASS_END],
            ticks: Cell::new(TICK),
            classes: [const { ClassState::new() }; CLASS_END],
            subpage_is_full: Cell::new(false),
            slab_bytes: Cell::new(0),
            grown: Cell::new(0),
            last_collection: Cell::new(0),
            remote_cache: RemoteCache::new(),
            span_cache: SpanCache::new(),
            hardening: Hardening::new(),
            shared: Shared::new(Spans::EMPTY, 0, false),
            older: AtomicPtr::new(null_mut()),
        }
    }

    /// Writes the header of a heap whose pages begin `first_offset` bytes behind it. It writes the header in place,
    /// because a small stack may not have room for it.
    ///
    /// # Safety
    ///
    /// The bytes at `place` are for the header and not in use.
    pub(crate) unsafe fn write(place: NonNull<Self>, first_offset: usize, shared: Shared) {
        let header = place.as_ptr();
        // SAFETY: by the caller's promise the bytes are there, and nothing refers to them.
        unsafe {
            header.copy_from_nonoverlapping((&raw const EMPTY).cast(), 1);
            (&raw mut (*header).start).write(place.addr().get() + first_offset);
            (&raw mut (*header).shared).write(shared);
            (*header).hardening.start();
        }
    }
}
