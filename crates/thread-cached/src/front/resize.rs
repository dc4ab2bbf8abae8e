//! Resizes blocks: in place if possible, else by moving pages or by copying.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::AllocError;
use core_api::align::is_aligned;
use os::ResizeError;

use crate::front::in_place::{MOST_SLACK, NEVER_MOVED, find, found_in_place};
use crate::front::zeroed::{allocate, allocate_zeroed};
use crate::hardened::RESIZES_AT_HAND;
use crate::heap::owned::{MaybeOwned, Owned};
use crate::large::direct;
use crate::large::locate::Located;
use crate::large::{self, SPAN_MAX};
use crate::layout::classes::{self, FAST_ALIGN};
use crate::layout::units::{PAGE, PAGE_LOG2};
use crate::lifecycle::current::current;
use crate::pages::page_map::LARGE;

/// Grows or shrinks a block: in place if possible, by moving the pages of a direct mapping, else by copying.
/// With `zeroed`, the usable bytes from `old.size()` on are zero.
///
/// # Errors
///
/// [`AllocError`] if there is no room; the block is live and unchanged. Not if the block has room
/// enough where it is.
///
/// # Safety
///
/// The block is live, and `old` fits it.
pub(crate) unsafe fn reallocate(
    heap: MaybeOwned<'_>,
    block: NonNull<u8>,
    old: Layout,
    new: Layout,
    zeroed: bool,
) -> Result<NonNull<[u8]>, AllocError> {
    let grows = old.size() <= new.size() && is_aligned(block.addr().get(), new.align());
    if grows
        && !zeroed
        && let Some(known) = heap.known_part(block, old.size())
        && new.size() <= known.len()
    {
        return Ok(known);
    }
    // SAFETY: the caller's promise is passed on.
    unsafe { find_and_resize(heap, block, old, new, zeroed) }
}

/// Locates the block and resizes it.
///
/// # Safety
///
/// As for [`reallocate`].
#[inline(never)]
unsafe fn find_and_resize(
    heap: MaybeOwned<'_>,
    block: NonNull<u8>,
    old: Layout,
    new: Layout,
    zeroed: bool,
) -> Result<NonNull<[u8]>, AllocError> {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        if !zeroed
            && new.align() <= FAST_ALIGN
            && is_aligned(block.addr().get(), new.align())
            && let Some(resized) = at_hand(heap, block.as_ptr(), new.size())
        {
            return Ok(resized);
        }
        resize(heap, block, find(block), old, new, zeroed)
    }
}

/// The hit path of `realloc`: keeps a block of this heap in place, or copies it to a block that a list has, or to the
/// growth span. The block is aligned to 16 bytes at most.
///
/// # Safety
///
/// The block is null, or live and not used again if the result is another.
#[inline(always)]
pub(crate) unsafe fn at_hand(
    heap: MaybeOwned<'_>,
    block: *mut u8,
    new_size: usize,
) -> Option<NonNull<[u8]>> {
    if !RESIZES_AT_HAND {
        return None;
    }
    let block = NonNull::new(block)?;
    let Some(class) = heap.kind_of(block)?.class() else {
        return large_at_hand(heap, block, new_size);
    };
    let usable = classes::size_of(class);
    if new_size <= usable && (new_size > usable / 2 || usable <= NEVER_MOVED) {
        let whole = heap.at(heap.offset_of(block));
        return Some(NonNull::slice_from_raw_parts(whole, usable));
    }
    if new_size >= heap.own().span_cache.least_growable.get() {
        // SAFETY: the caller's promise is passed on; the empty heap has no block.
        return unsafe { move_to_growth(heap.owned_unchecked(), block, usable, new_size) };
    }
    let moved = heap.pop_medium(new_size)?;
    // SAFETY: both blocks are live, hence disjoint, and have so many bytes; the caller gives the old one up.
    unsafe {
        moved.copy_from_nonoverlapping(block, usable.min(new_size));
        heap.free(block);
    }
    let usable = classes::size_of(classes::of_size(new_size.next_multiple_of(FAST_ALIGN)));
    Some(NonNull::slice_from_raw_parts(moved, usable))
}

/// Moves a block of `usable` bytes, which grows, to the growth span, if there is room.
///
/// # Safety
///
/// The block is live, of a slab of this heap, and not used again if there is a result.
#[inline(never)]
unsafe fn move_to_growth(
    heap: Owned<'_>,
    block: NonNull<u8>,
    usable: usize,
    new_size: usize,
) -> Option<NonNull<[u8]>> {
    if new_size <= usable {
        return None;
    }
    let span = heap.take_growth(u32::try_from(new_size.div_ceil(PAGE)).ok()?)?;
    let fresh = large::fresh(heap.heap_ref(), span);
    // SAFETY: both blocks are live, hence disjoint, and have so many bytes; the caller gives the old one up.
    unsafe {
        fresh.block.copy_from_nonoverlapping(block, usable);
        heap.free(block);
    }
    Some(NonNull::slice_from_raw_parts(fresh.block, fresh.len))
}

/// Keeps a large block of this heap in place, or grows it into the growth span behind it. The page map describes the
/// block's unit.
#[inline(never)]
fn large_at_hand(
    heap: MaybeOwned<'_>,
    block: NonNull<u8>,
    new_size: usize,
) -> Option<NonNull<[u8]>> {
    let (offset, map) = (heap.offset_of(block), heap.page_map());
    let page = offset >> PAGE_LOG2;
    if !is_aligned(offset, PAGE) || map.kind(page) != LARGE {
        return None;
    }
    let len = map.record(page).len as usize * PAGE;
    let new_len = match new_size > len {
        true => {
            let pages = u32::try_from(new_size.div_ceil(PAGE)).ok()?;
            // SAFETY: the empty heap has no large block.
            let heap = unsafe { heap.owned_unchecked() };
            heap.grow(map, page as u32, pages)
                .then_some(pages as usize * PAGE)?
        }
        false => {
            (new_size > len / 2 && len - new_size < PAGE.max(len / MOST_SLACK)).then_some(len)?
        }
    };
    Some(NonNull::slice_from_raw_parts(heap.at(offset), new_len))
}

/// Resizes a block that was located.
///
/// # Safety
///
/// As for [`reallocate`].
#[inline]
unsafe fn resize(
    heap: MaybeOwned<'_>,
    block: NonNull<u8>,
    found: Located,
    old: Layout,
    new: Layout,
    zeroed: bool,
) -> Result<NonNull<[u8]>, AllocError> {
    let whole = found.whole(block);
    let stays_aligned = is_aligned(block.addr().get(), new.align());
    let mut reason = ResizeError::Fixed;
    if stays_aligned {
        // SAFETY: the caller's promise is passed on.
        match unsafe { found_in_place(found, whole, new.size()) } {
            Ok((block, zero_from)) => {
                if zeroed {
                    // SAFETY: the bytes are those of the block behind the caller's.
                    unsafe { clear(block, old.size(), zero_from) };
                }
                return Ok(block);
            }
            Err(error) => reason = error,
        }
    }
    // SAFETY: the caller's promise is passed on.
    let moved = unsafe { relocate(heap, whole.cast(), found, reason, old, new, zeroed) };
    moved.or_else(|failed| match stays_aligned && new.size() <= whole.len() {
        true => Ok(whole),
        false => Err(failed),
    })
}

/// Moves a block.
///
/// # Safety
///
/// As for [`reallocate`].
#[inline(never)]
unsafe fn relocate(
    heap: MaybeOwned<'_>,
    block: NonNull<u8>,
    found: Located,
    reason: ResizeError,
    old: Layout,
    new: Layout,
    zeroed: bool,
) -> Result<NonNull<[u8]>, AllocError> {
    // SAFETY: both blocks are live, hence disjoint, and hold at least the bytes copied. The caller gives the old one up.
    unsafe {
        if let (Located::Direct(mapping), ResizeError::Blocked) = (found, reason)
            && let Some(moved) = os::keeping_errno(|| direct::relocate(mapping, new))
        {
            if zeroed {
                clear(moved, old.size(), mapping.len());
            }
            return Ok(moved);
        }
        let moved = match zeroed {
            true => allocate_zeroed(heap, new)?,
            false => match room_to_grow(heap, old.size(), new) {
                Some(block) => block,
                None => allocate(heap, new)?,
            },
        };
        let kept = old.size().min(new.size());
        moved.cast::<u8>().copy_from_nonoverlapping(block, kept);
        free(heap, block);
        Ok(moved)
    }
}

/// Allocates pages for a block that grows from `old` bytes and may grow again: an eighth more at least, so that small
/// steps do not copy it again and again, with as many free pages behind. `None` if the block is too small or too large
/// for that, or if there is no such place.
fn room_to_grow(heap: MaybeOwned<'_>, old: usize, new: Layout) -> Option<NonNull<[u8]>> {
    let size = new.size().max(old + old / MOST_SLACK);
    let least = heap.own().span_cache.least_growable.get();
    let is_growable = new.size() > old && (least..=SPAN_MAX / 2).contains(&size);
    match is_growable && new.align() <= PAGE {
        true => heap.growable(size, new),
        false => None,
    }
}

/// Frees the old block after the new one was allocated, which may have replaced the thread's heap.
///
/// # Safety
///
/// As for [`reallocate`]; the block is not used again.
unsafe fn free(heap: MaybeOwned<'_>, block: NonNull<u8>) {
    let heap = if heap.shared().is_private() {
        heap
    } else {
        current()
    };
    // SAFETY: the caller's promise is passed on.
    unsafe { heap.free(block) }
}

/// Clears the bytes `from..to` of a block.
///
/// # Safety
///
/// The block has them.
unsafe fn clear(block: NonNull<[u8]>, from: usize, to: usize) {
    if from < to {
        // SAFETY: the caller's promise is passed on.
        unsafe { block.cast::<u8>().add(from).write_bytes(0, to - from) };
    }
}

/// Does what [`reallocate`] does without the old layout.
///
/// # Errors
///
/// As [`reallocate`].
///
/// # Safety
///
/// The block is live.
pub(crate) unsafe fn realloc(
    heap: MaybeOwned<'_>,
    block: NonNull<u8>,
    new: Layout,
) -> Result<NonNull<[u8]>, AllocError> {
    let found = find(block);
    let old = Layout::from_size_align(found.usable(block), 1).map_err(|_| AllocError)?;
    // SAFETY: the caller's promise is passed on.
    unsafe { resize(heap, block, found, old, new, false) }
}
