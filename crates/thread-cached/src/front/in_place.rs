//! Resizes a block where it is, and tells a block's usable size.

use core::ptr::NonNull;

use core_api::{AllocError, fatal};
use os::ResizeError;

use crate::clock;
use crate::hardened;
use crate::heap::HeapRef;
use crate::large::SPAN_MAX;
use crate::large::direct;
use crate::large::locate::{Located, locate, slot_of_large};
use crate::layout::classes::{self, CLASS_MAX};
use crate::layout::units::PAGE;

/// Shrinking does not move a block up to this size to a smaller class.
pub(super) const NEVER_MOVED: usize = 64;

/// A span keeps its length while less than one part in this many is unused.
pub(super) const MOST_SLACK: usize = 8;

/// Usable bytes of a live block.
pub(crate) fn usable_size(block: NonNull<u8>) -> usize {
    find(block).usable(block)
}

/// Locates a live block.
pub(super) fn find(block: NonNull<u8>) -> Located {
    let found = locate(block).unwrap_or_else(|misuse| fatal(misuse));
    if let Located::InSlab { heap, .. } | Located::Large { heap, .. } = found {
        heap.state(heap.offset_of(block)).check_live();
    }
    found
}

/// Makes the block `new_size` bytes long where it is.
///
/// # Errors
///
/// [`AllocError`] if that is not possible, or would leave more than half of the block unused.
///
/// # Safety
///
/// The block is live, and the bytes that go are not used again.
pub(crate) unsafe fn resize(
    block: NonNull<u8>,
    new_size: usize,
) -> Result<NonNull<[u8]>, AllocError> {
    let found = find(block);
    // SAFETY: the caller's promise is passed on.
    let resized = unsafe { found_in_place(found, found.whole(block), new_size) };
    resized.map(|(block, _)| block).map_err(|_| AllocError)
}

/// Does the same for a block that was located. Tells, too, from which byte on the result is known to be zero.
///
/// # Errors
///
/// The reason, if it cannot be resized in place.
///
/// # Safety
///
/// As for [`resize`].
#[inline]
pub(super) unsafe fn found_in_place(
    found: Located,
    block: NonNull<[u8]>,
    new_size: usize,
) -> Result<(NonNull<[u8]>, usize), ResizeError> {
    let usable = block.len();
    let not_zero = |block: NonNull<[u8]>| (block, block.len());
    let resized = match found {
        Located::InSlab { heap, class } => {
            let (slot, block) = (classes::size_of(class), block.cast());
            let state = heap.state(heap.offset_of(block));
            let room = state.room(slot);
            let fits = new_size <= room && (new_size > room / 2 || slot <= NEVER_MOVED);
            fits.then(|| not_zero(state.resize(block, new_size, slot)))
        }
        Located::Large { heap, page } => {
            let state = heap.state(heap.offset_of(block.cast()));
            let slot = slot_of_large(heap, page, block.cast());
            let most_slack = slot / if hardened::SPANS_STAY { 2 } else { MOST_SLACK };
            let fits = new_size <= state.room(slot)
                && new_size > slot - most_slack
                && hardened::can_tell(slot - new_size);
            match fits {
                true => Some(not_zero(state.resize(block.cast(), new_size, slot))),
                false if hardened::SPANS_STAY => None,
                false => resize_span(heap, page, block, new_size),
            }
        }
        Located::Guarded(_) => None,
        Located::Direct(_) if new_size <= SPAN_MAX / 2 => None,
        Located::Direct(mapping) => {
            // SAFETY: by the caller's promise the mapping is live, and the bytes that go are not used again.
            let block = os::keeping_errno(|| unsafe { direct::resize(mapping, new_size) })?;
            Some((block, usable.min(block.len())))
        }
    };
    resized.ok_or(ResizeError::Fixed)
}

/// Resizes the span of a large block; the result is that of [`found_in_place`].
fn resize_span(
    heap: HeapRef,
    page: u32,
    block: NonNull<[u8]>,
    new_size: usize,
) -> Option<(NonNull<[u8]>, usize)> {
    let usable = block.len();
    if new_size <= CLASS_MAX && new_size <= usable / 2 {
        return None;
    }
    let pages = u32::try_from(new_size.div_ceil(PAGE)).ok()?.max(1);
    let now = clock::cached_now();
    let shared = heap.shared();
    let resize = || shared.with_growing(|spans| spans.resize(page, pages, now));
    let span = os::keeping_errno(resize)?;
    let new_usable = span.len as usize * PAGE;
    let zero_from = if span.is_zero() { usable } else { new_usable };
    let block = NonNull::slice_from_raw_parts(block.cast(), new_usable);
    Some((block, zero_from))
}
