//! The largest blocks: a mapping each, given back as they are freed and resized by `mremap`.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::checked_round_up;

use crate::address_map;
use crate::large::Fresh;
use crate::os;
use crate::region::GRANULE;

/// A mapping for `layout`, whose bytes are zero.
pub(crate) fn map(layout: Layout) -> Option<Fresh> {
    let len = whole_pages(layout.size())?;
    let block = map_and_enter(len, layout.align())?;
    let is_zero = true;
    Some(Fresh {
        block,
        len,
        is_zero,
    })
}

/// Gives the mapping of `len` bytes at `block` back.
///
/// # Safety
///
/// It is one, and nobody uses it again.
pub(crate) unsafe fn unmap(block: NonNull<u8>, len: usize) {
    address_map::remove(block.addr().get(), 1);
    // SAFETY: the caller's promise.
    unsafe { os::unmap(block, len) };
}

/// Makes the mapping of `len` bytes at `block` `new_size` bytes long where it is, in whole pages;
/// pages that are added are zero. Returns the new length.
///
/// # Safety
///
/// It is one, and nobody uses what goes.
pub(crate) unsafe fn resize(block: NonNull<u8>, len: usize, new_size: usize) -> Option<usize> {
    let new_len = whole_pages(new_size)?;
    // SAFETY: the caller's promise.
    if new_len != len && !unsafe { os::resize(block, len, new_len) } {
        return None;
    }
    address_map::enter_direct(block.addr().get(), new_len);
    Some(new_len)
}

/// Moves the mapping of `len` bytes at `block` to one for `layout`; no byte is copied. Bytes that
/// are added are zero.
///
/// # Safety
///
/// It is one, and not used again after a success.
pub(crate) unsafe fn relocate(block: NonNull<u8>, len: usize, layout: Layout) -> Option<Fresh> {
    let fresh = map(layout)?;
    // First: as soon as the pages have left, another thread may have a mapping at the old address.
    address_map::remove(block.addr().get(), 1);
    // SAFETY: the new mapping is ours and unused; the caller's promise for the old one.
    if unsafe { os::move_pages(block, len, fresh.block, fresh.len) } {
        return Some(fresh);
    }
    address_map::enter_direct(block.addr().get(), len);
    // SAFETY: the new mapping is ours and unused.
    unsafe { unmap(fresh.block, fresh.len) };
    None
}

fn map_and_enter(len: usize, align: usize) -> Option<NonNull<u8>> {
    let block = os::map_aligned(len, align.max(GRANULE))?;
    if address_map::enter_direct(block.addr().get(), len) {
        return Some(block);
    }
    // SAFETY: mapped just now.
    unsafe { os::unmap(block, len) };
    None
}

/// `size` rounded up to whole pages of the OS, at least one; `None` beyond what a mapping can be.
fn whole_pages(size: usize) -> Option<usize> {
    checked_round_up(size.max(1), os::page_size()).filter(|&len| len <= isize::MAX as usize)
}
