//! The first bytes of a region: the lists that the owner pops and pushes, and the state of every part of a heap.
//!
//! This file names the types of all folders whose state a heap holds, and nothing else of them.

use core::ptr::{NonNull, null_mut};

use crate::hardened::{self, Hardening};
use crate::heap::classes::{self, CLASS_END, Small};
use crate::heap::collection::Collection;
use crate::heap::shared::Shared;
use crate::pages::span_cache::SpanCache;
use crate::pages::spans::Spans;
use crate::primitive::Cell;
use crate::remote::remote_cache::RemoteCache;
use crate::small::magazines::Magazines;
use crate::small::slabs::Slabs;
use crate::small::subpage::SubpageSlabs;

/// The owner reads the clock once in this many events.
pub(super) const TICK: u32 = 256;

/// Room that one block on a list takes, …
pub(crate) const STEP: i32 = 8;

/// … and room that one free takes. It is a little more than allocating gives back, so the room runs out from time to
/// time even if a program frees no more than it allocates, and the owner reads the clock.
pub(crate) const FREE_TAKES: i32 = STEP + 1;

/// The first bytes of a region. Only the owner uses them, except `shared`.
#[repr(C, align(64))]
pub(crate) struct HeapHeader {
    /// Address of the first page that blocks can have.
    pub(super) start: Cell<usize>,
    /// Distance from there to the end of what the page map describes, in units of 8 bytes, when the owner last took
    /// pages.
    pub(super) limit: Cell<usize>,
    pub(super) small: Small,
    /// The free blocks of each class that the hit paths pop and push, last in first out.
    pub(super) lists: [Cell<*mut u8>; CLASS_END],
    /// How many more blocks each list may have, in steps of [`STEP`]. The list of class 0, which stands for all units
    /// without a slab, never has room.
    pub(super) rooms: [Cell<i32>; CLASS_END],
    /// Events until the owner reads the clock.
    pub(super) ticks: Cell<u32>,
    pub(crate) magazines: Magazines,
    pub(crate) slabs: Slabs,
    pub(crate) subpage: SubpageSlabs,
    pub(crate) collection: Collection,
    pub(crate) remote_cache: RemoteCache,
    pub(crate) span_cache: SpanCache,
    pub(super) hardening: [Hardening; hardened::N],
    pub(super) shared: Shared,
}

/// A heap that all threads can share, because it has no memory and is never written to.
#[repr(transparent)]
pub(crate) struct Empty(pub(crate) HeapHeader);

// SAFETY: nothing in it is ever written to: its lists are empty, and no offset is below its limit.
unsafe impl Sync for Empty {}

/// The heap of a thread that has none yet.
pub(crate) static EMPTY: Empty = Empty(HeapHeader::new());

impl HeapHeader {
    /// The header of a heap without memory.
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

    /// Writes the header of a heap whose pages begin `first_offset` bytes behind it. It is written in place, because
    /// a small stack may not have room for it.
    ///
    /// # Safety
    ///
    /// The bytes at `place` are for the header and not in use.
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
