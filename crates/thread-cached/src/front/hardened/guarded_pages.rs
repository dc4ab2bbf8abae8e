//! Large blocks of the hardened mode: whole pages between two that fault on access.
//!
//! ```text
//!   ┌───────┬──────────────────────────┬────────┬───────┐
//!   │ guard │ block                    │ canary │ guard │     one span
//!   └───────┴──────────────────────────┴────────┴───────┘
//! ```
//!
//! With quick checks there is the canary and no guard, and a freed block keeps its bytes. With all checks a freed block is
//! cleared: a long one by giving its pages back.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::checked_round_up;

use crate::front::hardened::request::{Request, check_size, clear};
use crate::hardened::{self, Door, canary};
use crate::heap::HeapRef;
use crate::heap::owned::MaybeOwned;
use crate::large::SPAN_MAX;
use crate::large::fresh::Fresh;
use crate::large::locate::{Located, locate, slot_of_large};
use crate::layout::units::{PAGE, PAGE_LOG2};
use crate::pages::page_map::{GUARDED, NONE};
use crate::primitive::{AtomicU32, Ordering};
use crate::slow;

/// Blocks with guards at a time. Each splits a mapping twice, and the system allows 65,530 mappings by default.
const MOST_GUARDED: u32 = 8192;

/// From this size on, blocks are cleared by giving their pages back.
const LEAST_PURGED: usize = 8 << 20;

static N_GUARDED: AtomicU32 = AtomicU32::new(0);

/// Allocates a large block.
pub(super) fn allocate(heap: MaybeOwned<'_>, request: Request) -> Option<Fresh> {
    let Request { layout, door } = request;
    if layout.size().max(layout.align()) > SPAN_MAX {
        let fresh = slow::allocate_pages(heap, layout)?;
        if let Ok(Located::Direct(_)) = locate(fresh.block) {
            return Some(fresh);
        }
        // SAFETY: the block is new, and nothing else knows it.
        unsafe { slow::free(fresh.block, heap) };
    }
    // A byte more, for the canary.
    let slot = checked_round_up(layout.size() + 1, PAGE)?;
    let is_guarded = !hardened::are_quick() && layout.align() <= PAGE && may_guard();
    let guards = if is_guarded { 2 * PAGE } else { 0 };
    let whole = Layout::from_size_align(slot.checked_add(guards)?, layout.align()).ok()?;
    let Some(fresh) = slow::allocate_pages(heap, whole) else {
        release_guard(is_guarded);
        return None;
    };
    let Ok(Located::Large { heap: owner, page }) = locate(fresh.block) else {
        // A mapping of its own, since no heap has room.
        release_guard(is_guarded);
        return Some(fresh);
    };
    let block = match is_guarded {
        true => guard(owner, page, fresh),
        false => fresh.block,
    };
    let slot = slot_of_large(owner, page, block);
    canary::write(block, layout.size(), slot);
    let state = owner.state(owner.offset_of(block));
    state.hand_out(layout.size(), slot, door);
    Some(Fresh {
        block,
        len: layout.size(),
        is_zero: fresh.is_zero,
    })
}

/// Whether one more block may have guards, which is counted then. The system's pages must be those of a heap: larger ones
/// would close a part of the block, too.
fn may_guard() -> bool {
    let one_more = |n: u32| (n < MOST_GUARDED).then_some(n + 1);
    let order = Ordering::Relaxed;
    os::page_size() == PAGE && N_GUARDED.fetch_update(order, order, one_more).is_ok()
}

fn release_guard(is_guarded: bool) {
    N_GUARDED.fetch_sub(u32::from(is_guarded), Ordering::Relaxed);
}

/// Closes the first and the last page of a new span, if the system allows it, and returns the block between.
fn guard(owner: HeapRef, page: u32, fresh: Fresh) -> NonNull<u8> {
    owner.page_map().set_kind(page as usize + 1, GUARDED);
    // SAFETY: the span is new (I2), and has these pages.
    unsafe {
        let (first, last) = (fresh.block, fresh.block.add(fresh.len - PAGE));
        os::keeping_errno(|| os::protect(first, PAGE, false) && os::protect(last, PAGE, false));
        fresh.block.add(PAGE)
    }
}

/// Makes a new block shorter, and leaves it its pages.
pub(super) fn shorten(fresh: Fresh, size: usize) -> Option<NonNull<[u8]>> {
    match locate(fresh.block) {
        Ok(Located::Large { heap, page }) => {
            let state = heap.state(heap.offset_of(fresh.block));
            let slot = slot_of_large(heap, page, fresh.block);
            Some(state.resize(fresh.block, size, slot))
        }
        _ => Some(NonNull::slice_from_raw_parts(fresh.block, fresh.len)),
    }
}

/// Frees a large block of `owner`, whose span begins with this page.
pub(super) fn free(
    heap: MaybeOwned<'_>,
    owner: HeapRef,
    page: u32,
    block: NonNull<u8>,
    size: Option<usize>,
    door: Option<Door>,
) {
    let offset = owner.offset_of(block);
    let (block, slot) = (owner.at(offset), slot_of_large(owner, page, block));
    let state = owner.state(offset);
    let found = state.take_back_remote(slot, door, false);
    check_size(found, size);
    canary::check(block, found, slot);
    let base = owner.at((page as usize) << PAGE_LOG2);
    if !hardened::are_quick() {
        // SAFETY: the pages are the block's alone, which was freed just now.
        let is_cleared =
            slot >= LEAST_PURGED && os::keeping_errno(|| unsafe { os::purge(block, slot) }) == slot;
        if !is_cleared {
            clear(block, found);
        }
    }
    if base != block {
        owner.page_map().set_kind(page as usize + 1, NONE);
        // SAFETY: the span is the block's alone.
        let is_open = os::keeping_errno(|| unsafe { os::protect(base, slot + 2 * PAGE, true) });
        if !is_open {
            // The pages stay closed, and nothing has them again.
            return;
        }
        release_guard(true);
    }
    // SAFETY: the span was the block's, which was freed.
    unsafe { slow::free(base, heap) };
}
