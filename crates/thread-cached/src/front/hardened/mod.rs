//! The hit paths of the hardened mode, in place of those in `fast`.
//!
//! ```text
//!   allocate: one in many from the guarded pages ──────────────────────────────► block
//!             else a ready block: untouched since it was freed? state and canary ► block
//!   free:     does the state say LIVE, of this address and door? the canary, and the one before the block
//!                └─ ours: cleared, waits in the pool; another one becomes ready
//!                └─ of another heap: remote-free cache
//! ```
//!
//! With quick checks blocks are not cleared.

mod doors;
mod guarded_pages;
mod lists;
mod request;

use core::alloc::Layout;
use core::ptr::{NonNull, null_mut};

use core_api::align::round_up;
use core_api::{Misuse, fatal};

use crate::front::hardened::request::{Request, check_size};
use crate::hardened::waiting::{self, Clearing};
use crate::hardened::{self, Door, LEAST_SLOT, Seen, canary};
use crate::heap::owned::{MaybeOwned, Owned};
use crate::large::fresh::Fresh;
use crate::large::locate::{Located, locate};
use crate::layout::classes::{self, CLASS_MAX, FAST_ALIGN};
use crate::layout::units::PAGE;
use crate::pages::page_map::Kind;
use crate::slow;

/// The largest size that the hit path serves.
const MOST_AT_HAND: usize = 1008;

/// The class of each size up to that, in steps of 16.
static CLASS_AT_HAND: [u8; MOST_AT_HAND / FAST_ALIGN + 1] = {
    let (mut table, mut step) = ([0; MOST_AT_HAND / FAST_ALIGN + 1], 0);
    while step < table.len() {
        let least = (step + 1) * FAST_ALIGN;
        let slot = if least < LEAST_SLOT {
            LEAST_SLOT
        } else {
            least
        };
        let mut class = 1;
        while classes::size_of(class) < slot {
            class += 1;
        }
        assert!(!hardened::is_long(
            classes::size_of(class) - step * FAST_ALIGN
        ));
        table[step] = class as u8;
        step += 1;
    }
    table
};

/// Events that a count of requests counts for, once it is over.
const EVENTS_WHEN_DUE: u32 = 256;

impl MaybeOwned<'_> {
    /// Allocates a block for `layout`; null if there is no memory.
    #[inline]
    pub(crate) fn allocate(self, layout: Layout) -> *mut u8 {
        let door = Door::Layout;
        self.serve(Request { layout, door })
    }

    /// Serves a request at any door; null if there is no memory.
    #[inline(always)]
    fn serve(self, request: Request) -> *mut u8 {
        let Request { layout, door } = request;
        let at_hand = match layout.align() <= FAST_ALIGN {
            true => self.serve_at_hand(layout.size(), door),
            false => None,
        };
        at_hand.map_or_else(|| serve_fully(self, layout, door), NonNull::as_ptr)
    }

    /// Serves a request for a block at a multiple of 16, if it is small, nothing is due, and a block is ready that was not
    /// written to. Otherwise it changes nothing. Calls nothing, so that it needs no frame.
    #[inline(always)]
    fn serve_at_hand(self, size: usize, door: Door) -> Option<NonNull<u8>> {
        let hardening = &self.own().hardening;
        if size.wrapping_sub(1) >= MOST_AT_HAND || hardening.is_next_due() {
            return None;
        }
        let class = usize::from(CLASS_AT_HAND[size / FAST_ALIGN]);
        let (pool, slot) = (hardening.pools.of(class), classes::size_of(class));
        let (n_left, offset) = pool.first()?;
        let (state, block) = (self.state(offset), self.at(offset));
        if !waiting::take_at_hand(block, state, slot) {
            return None;
        }
        pool.keep(n_left);
        hardening.count();
        canary::shorten(block, size, slot);
        state.hand_out_short(size, slot, door);
        Some(block)
    }

    /// Allocates whole pages, for a layout without a class.
    pub(super) fn allocate_pages(self, layout: Layout) -> Option<Fresh> {
        let door = Door::Layout;
        guarded_pages::allocate(self, Request { layout, door })
    }

    /// Allocates whole pages for a block that grows to `new`, with room for `size` bytes.
    pub(super) fn growable(self, size: usize, new: Layout) -> Option<NonNull<[u8]>> {
        if size < CLASS_MAX {
            return None;
        }
        let fresh = self.allocate_pages(Layout::from_size_align(size, new.align()).ok()?)?;
        guarded_pages::shorten(fresh, new.size())
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

    /// Frees a block that [`free_own`](Self::free_own) refused.
    ///
    /// # Safety
    ///
    /// As for [`free`](Self::free).
    pub(crate) unsafe fn free_refused(self, block: NonNull<u8>) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.free(block) }
    }

    /// Frees a block of any heap and door.
    ///
    /// # Safety
    ///
    /// The block, if it is one, is not used again.
    pub(crate) unsafe fn free(self, block: NonNull<u8>) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.free_at(block, None, None) }
    }

    /// Frees a block of any heap, which was allocated with this size.
    ///
    /// # Safety
    ///
    /// As for [`free`](Self::free).
    #[inline(never)]
    pub(crate) unsafe fn free_sized(self, block: NonNull<u8>, size: usize) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.free_at(block, Some(size), Some(Door::Layout)) }
    }

    /// Frees a block of any heap at a door, with its size if that is known.
    ///
    /// # Safety
    ///
    /// As for [`free`](Self::free).
    #[inline]
    pub(super) unsafe fn free_at(
        self,
        block: NonNull<u8>,
        size: Option<usize>,
        door: Option<Door>,
    ) {
        if !self.try_free_own(block, size, door) {
            // SAFETY: the caller's promise is passed on.
            unsafe { free_other(self, block, size, door) }
        }
    }

    /// Does the same if the address lies in a slab of this heap; else returns `false`.
    #[inline(always)]
    pub(super) fn try_free_own(
        self,
        block: NonNull<u8>,
        size: Option<usize>,
        door: Option<Door>,
    ) -> bool {
        let Some(class) = self.kind_of(block).and_then(Kind::class) else {
            return false;
        };
        // SAFETY: the empty heap has no slab.
        free_own(unsafe { self.owned_unchecked() }, block, class, size, door);
        true
    }
}

/// Serves a request that [`serve_at_hand`](MaybeOwned::serve_at_hand) does not.
#[cold]
#[inline(never)]
fn serve_fully(heap: MaybeOwned<'_>, layout: Layout, door: Door) -> *mut u8 {
    let hardening = &heap.own().hardening;
    if hardening.is_next_due() {
        return allocate_when_due(heap, layout, door);
    }
    hardening.count();
    allocate_pooled(heap, Request { layout, door })
}

/// Serves a request with what is due: a guarded block, or maintenance, for which the pools count no events.
#[cold]
#[inline(never)]
fn allocate_when_due(heap: MaybeOwned<'_>, layout: Layout, door: Door) -> *mut u8 {
    let request = Request { layout, door };
    let Some(owned) = heap.owned() else {
        return allocate_pooled(heap, request);
    };
    let is_guarded = owned.own().hardening.begin_count();
    slow::count(owned, EVENTS_WHEN_DUE);
    if is_guarded
        && !heap.shared().is_private()
        && let Some(block) = os::keeping_errno(|| hardened::allocate_guarded(layout))
    {
        return block.as_ptr();
    }
    allocate_pooled(heap, request)
}

#[inline(always)]
fn allocate_pooled(heap: MaybeOwned<'_>, request: Request) -> *mut u8 {
    let (size, align) = (request.layout.size(), request.layout.align());
    // A byte more, for the canary.
    let slot = round_up(size + 1, FAST_ALIGN).max(LEAST_SLOT);
    if slot > CLASS_MAX || align > FAST_ALIGN || size == 0 {
        return allocate_rare(heap, request.layout, request.door);
    }
    let class = classes::of_size(slot);
    match hardened::is_long(classes::size_of(class) - size) {
        true => allocate_rare(heap, request.layout, request.door),
        false => allocate_of(heap, class, request),
    }
}

/// Allocates a block of size 0, with a large alignment, with much slack, or without a class.
#[inline(never)]
fn allocate_rare(heap: MaybeOwned<'_>, layout: Layout, door: Door) -> *mut u8 {
    let (size, align) = (layout.size(), layout.align());
    if size == 0
        && align <= FAST_ALIGN
        && door != Door::Layout
        && let Some(block) = hardened::allocate_zero()
    {
        return block.as_ptr();
    }
    let request = Request { layout, door };
    match classes::of(round_up(size + 1, FAST_ALIGN).max(LEAST_SLOT), align) {
        Some(class) => allocate_of(heap, class, request),
        None => {
            guarded_pages::allocate(heap, request).map_or(null_mut(), |fresh| fresh.block.as_ptr())
        }
    }
}

#[inline(always)]
fn allocate_of(heap: MaybeOwned<'_>, class: usize, request: Request) -> *mut u8 {
    match heap.own().hardening.pools.of(class).take() {
        Some(offset) => lists::hand_out(heap.heap_ref(), class, offset, request),
        None => lists::refill(heap, class, request.layout, request.door),
    }
}

/// Frees a block of this heap. There is a copy for each tier, because one for both needs more registers.
#[inline(always)]
fn free_own(
    heap: Owned<'_>,
    block: NonNull<u8>,
    class: usize,
    size: Option<usize>,
    door: Option<Door>,
) {
    match hardened::are_quick() {
        true => free_own_by(heap, block, class, size, door, Clearing::None),
        false => free_own_by(heap, block, class, size, door, Clearing::Short),
    }
}

/// Frees a block of this heap by the hit path, or if it is none for that by the other one.
#[inline(always)]
fn free_own_by(
    heap: Owned<'_>,
    block: NonNull<u8>,
    class: usize,
    size: Option<usize>,
    door: Option<Door>,
    clearing: Clearing,
) {
    let (offset, slot) = (heap.offset_of(block), classes::size_of(class));
    let (state, seen) = (heap.state(offset), heap.state(offset).see());
    let is_rare = !state.is_right(seen, door)
        || seen.has_long_slack()
        || clearing == Clearing::Short && !waiting::is_short(slot)
        || offset.is_multiple_of(PAGE)
        // SAFETY: the byte before a block that does not begin a page is in the block's page.
        || !unsafe { canary::has_before(heap.at(offset)) };
    match is_rare {
        true => free_own_rare(heap, block, class, size, door),
        false => take_back(heap, class, offset, seen, size, door, clearing),
    }
}

/// Frees a block of this heap that has much slack, is long to clear, begins a page, or has no canary before it; or ends
/// the process, if it is no block of the door.
#[inline(never)]
fn free_own_rare(
    heap: Owned<'_>,
    block: NonNull<u8>,
    class: usize,
    size: Option<usize>,
    door: Option<Door>,
) {
    let offset = heap.offset_of(block);
    let seen = heap.state(offset).see();
    look_before(heap, class, offset);
    take_back(heap, class, offset, seen, size, door, clearing());
}

/// How blocks are cleared now.
fn clearing() -> Clearing {
    match hardened::are_quick() {
        true => Clearing::None,
        false => Clearing::Any,
    }
}

#[inline(always)]
fn take_back(
    heap: Owned<'_>,
    class: usize,
    offset: usize,
    seen: Seen,
    size: Option<usize>,
    door: Option<Door>,
    clearing: Clearing,
) {
    let (slot, state, block) = (classes::size_of(class), heap.state(offset), heap.at(offset));
    let found = state.take_back(seen, slot, door);
    check_size(found, size);
    canary::check(block, found, slot);
    waiting::leave(block, slot, clearing);
    waiting::mark_first(block);
    state.wait_after(seen, clearing != Clearing::None);
    let hardening = &heap.own().hardening;
    let pool = hardening.pools.of(class);
    if let Some(ready) = pool.wait(class, offset, &hardening.random)
        && !pool.add_ready(ready)
    {
        lists::spill(heap, class, ready);
    }
}

/// Ends the process if the end of the slot before a block was overwritten, if there is one that has had a block.
fn look_before(heap: Owned<'_>, class: usize, offset: usize) {
    let before = offset - classes::size_of(class);
    if heap.kind_of(heap.at(before)).and_then(Kind::class) == Some(class)
        && heap.state(before).is_block()
        // SAFETY: the byte is that slot's.
        && !unsafe { canary::has_before(heap.at(offset)) }
    {
        fatal(Misuse::Overrun);
    }
}

/// # Safety
///
/// The block, if it is one, is not used again.
#[inline(never)]
pub(super) unsafe fn free_other(
    heap: MaybeOwned<'_>,
    block: NonNull<u8>,
    size: Option<usize>,
    door: Option<Door>,
) {
    match locate(block) {
        Ok(Located::InSlab { heap: owner, class }) => {
            let (offset, slot) = (owner.offset_of(block), classes::size_of(class));
            let (state, block) = (owner.state(offset), owner.at(offset));
            let clearing = clearing();
            let found = state.take_back_remote(slot, door, clearing != Clearing::None);
            check_size(found, size);
            canary::check(block, found, slot);
            waiting::leave_remote(block, slot, clearing);
        }
        Ok(Located::Large { heap: owner, page }) => {
            return guarded_pages::free(heap, owner, page, block, size, door);
        }
        _ => {}
    }
    // SAFETY: the caller's promise is passed on.
    unsafe { slow::free(block, heap) };
}
