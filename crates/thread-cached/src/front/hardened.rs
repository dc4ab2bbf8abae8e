//! The hit paths of the hardened mode, in place of those in `fast`.
//!
//! ```text
//!   allocate: one in many from the guarded pages ───────────────────────► block
//!             else pop; is the next link whole? the state: LIVE ────────► block
//!   free:     is the state LIVE, of exactly this address? the state: FREED, all bytes zero
//!                └─ ours: into the quarantine; the block that leaves it: still zero? push
//!                └─ of another heap: remote-free cache
//! ```
//!
//! With quick checks nothing is cleared, and there is no quarantine.

use core::alloc::Layout;
use core::ptr::{NonNull, null_mut};

use core_api::{Misuse, fatal};

use crate::giving_back::quarantine;
use crate::hardened;
use crate::heap::header::FREE_TAKES;
use crate::heap::owned::{MaybeOwned, Owned};
use crate::large::locate::{Located, locate};
use crate::layout::classes;
use crate::lifecycle::current::current;
use crate::link;
use crate::pages::page_map::Kind;
use crate::slow;

/// A block with a class may not grow into pages of its own: there it would have no state. Resizing checks each block.
pub(super) const RESIZES_AT_HAND: bool = false;

/// At most this many blocks of a list are shuffled at once: a slab of the smallest class.
const SHUFFLED: usize = 256;

/// Larger blocks do not wait in the quarantine.
const QUARANTINED_MAX: usize = 4096;

impl MaybeOwned<'_> {
    /// Allocates a block for `layout`; null if there is no memory.
    #[inline]
    pub(crate) fn allocate(self, layout: Layout) -> *mut u8 {
        match self.own().hardening.is_count_over() {
            true => allocate_guarded(self, layout),
            false => allocate_listed(self, layout),
        }
    }

    /// Pops no block: [`allocate`](Self::allocate) checks each.
    pub(crate) const fn pop_small(self, _: usize) -> Option<NonNull<u8>> {
        None
    }

    /// As [`pop_small`](Self::pop_small).
    pub(crate) const fn pop_medium(self, _: usize) -> Option<NonNull<u8>> {
        None
    }

    /// Knows no part: resizing checks each block.
    pub(crate) const fn known_part(self, _: NonNull<u8>, _: usize) -> Option<NonNull<[u8]>> {
        None
    }

    /// Frees no block, and returns `false`: [`free`](Self::free) checks each.
    ///
    /// # Safety
    ///
    /// None is needed.
    pub(crate) const unsafe fn free_own(self, _: *mut u8) -> bool {
        false
    }

    /// Frees a block of any heap.
    ///
    /// # Safety
    ///
    /// The block, if it is one, is not used again.
    pub(crate) unsafe fn free(self, block: NonNull<u8>) {
        match self.kind_of(block).and_then(Kind::class) {
            // SAFETY: the empty heap has no block.
            Some(class) => free_own(unsafe { self.owned_unchecked() }, block, class),
            // SAFETY: the caller's promise is passed on.
            None => unsafe { free_other(self, block) },
        }
    }

    /// Frees a block of any heap. The size tells nothing that a check could trust.
    ///
    /// # Safety
    ///
    /// As for [`free`](Self::free).
    #[inline(never)]
    pub(crate) unsafe fn free_sized(self, block: NonNull<u8>, _: usize) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.free(block) }
    }
}

#[cold]
#[inline(never)]
fn allocate_guarded(heap: MaybeOwned<'_>, layout: Layout) -> *mut u8 {
    let is_shared = !heap.is_empty() && !heap.shared().is_private();
    if is_shared
        && heap.own().hardening.begin_count()
        && let Some(block) = os::keeping_errno(|| hardened::allocate_guarded(layout))
    {
        return block.as_ptr();
    }
    allocate_listed(heap, layout)
}

#[inline]
fn allocate_listed(heap: MaybeOwned<'_>, layout: Layout) -> *mut u8 {
    match classes::of_layout(layout) {
        Some(class) => allocate_of(heap, class),
        None => allocate_rare(heap, layout),
    }
}

/// Allocates a block with a large alignment, or without a class.
#[inline(never)]
fn allocate_rare(heap: MaybeOwned<'_>, layout: Layout) -> *mut u8 {
    match classes::of(layout.size(), layout.align()) {
        Some(class) => allocate_of(heap, class),
        None => slow::allocate(layout, heap),
    }
}

#[inline]
fn allocate_of(heap: MaybeOwned<'_>, class: usize) -> *mut u8 {
    match heap.pop(class) {
        Some(block) => hand_out(heap, class, block),
        None => refill(heap, class),
    }
}

/// Refills an empty list, shuffles it, and returns a block.
#[cold]
#[inline(never)]
fn refill(heap: MaybeOwned<'_>, class: usize) -> *mut u8 {
    let Some(block) = NonNull::new(slow::refill(class, heap)) else {
        return null_mut();
    };
    let Ok(Located::InSlab { heap: from, .. }) = locate(block) else {
        fatal(Misuse::CorruptHeader)
    };
    // A thread without a heap got one, or one whose heap was full got another.
    let own = match heap.heap_ref() == from {
        true => heap,
        false => current(),
    };
    if own.heap_ref() != from {
        // The thread can have none, so the lists belong to another thread by now.
        from.state(from.offset_of(block)).hand_out();
        return block.as_ptr();
    }
    if !hardened::are_quick() {
        shuffle(own, class);
    }
    hand_out(own, class, block)
}

/// Checks and returns the block that was popped last.
#[inline]
fn hand_out(heap: MaybeOwned<'_>, class: usize, block: NonNull<u8>) -> *mut u8 {
    check_link(heap, heap.list(class).get());
    heap.state(heap.offset_of(block)).hand_out();
    block.as_ptr()
}

/// Checks that a link leads into the heap, or nowhere. An overwritten link leads anywhere, because the program does
/// not know the key that it is combined with.
#[inline]
fn check_link(heap: MaybeOwned<'_>, next: *mut u8) {
    if let Some(next) = NonNull::new(next)
        && !heap.has(next)
    {
        fatal(Misuse::WrittenWhileFree);
    }
}

/// Shuffles the first blocks of a list.
fn shuffle(heap: MaybeOwned<'_>, class: usize) {
    let mut blocks = [null_mut(); SHUFFLED];
    let mut rest = heap.list(class).get();
    let mut n = 0;
    while n < SHUFFLED
        && let Some(block) = NonNull::new(rest)
    {
        check_link(heap, rest);
        blocks[n] = rest;
        n += 1;
        // SAFETY: a listed block is free and linked (I3), which was checked.
        rest = unsafe { link::read(block) };
    }
    heap.own().hardening.shuffle(&mut blocks[..n]);
    for block in blocks[..n].iter().rev() {
        if let Some(block) = NonNull::new(*block) {
            // SAFETY: listed, hence free and the owner's.
            unsafe { link::write(block, rest) };
            rest = block.as_ptr();
        }
    }
    heap.list(class).set(rest);
}

#[inline]
fn free_own(heap: Owned<'_>, block: NonNull<u8>, class: usize) {
    let offset = heap.offset_of(block);
    heap.state(offset).take_back();
    let block = heap.at(offset);
    if !hardened::are_quick() {
        return detain(heap, class, block);
    }
    put_back(heap, class, block);
}

/// Clears a freed block, and puts it into the quarantine if it is not too large.
#[inline(never)]
fn detain(heap: Owned<'_>, class: usize, block: NonNull<u8>) {
    clear(block, class);
    if classes::size_of(class) > QUARANTINED_MAX {
        return put_back(heap, class, block);
    }
    if let Some(leaving) = heap.own().hardening.detain(block) {
        put_back(heap, quarantine::class_of_leaving(heap, leaving), leaving);
    }
}

fn put_back(heap: Owned<'_>, class: usize, block: NonNull<u8>) {
    let (list, room) = (heap.list(class), heap.room(class));
    // SAFETY: the block is of a slab of this heap, and free.
    unsafe { link::write(block, list.get()) };
    list.set(block.as_ptr());
    room.set(room.get() - FREE_TAKES);
    if room.get() < 0 {
        // SAFETY: pushed just now.
        unsafe { slow::full(block, heap) };
    }
}

fn clear(block: NonNull<u8>, class: usize) {
    // SAFETY: the block has that many bytes, and its user has given them up.
    unsafe { block.write_bytes(0, classes::size_of(class)) };
}

/// # Safety
///
/// The block, if it is one, is not used again.
#[inline(never)]
unsafe fn free_other(heap: MaybeOwned<'_>, block: NonNull<u8>) {
    if let Ok(Located::InSlab { heap: owner, class }) = locate(block) {
        let offset = owner.offset_of(block);
        owner.state(offset).take_back_remote();
        if !hardened::are_quick() {
            clear(owner.at(offset), class);
        }
    }
    // SAFETY: the caller's promise is passed on.
    unsafe { slow::free(block, heap) };
}
