//! Direct mappings: each of the largest blocks has its own, which `free` unmaps and `mremap` resizes.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::checked_round_up;
use os::ResizeError;

use crate::huge_pages;
use crate::large::address_map;
use crate::large::fresh::Fresh;
use crate::layout::units::MAP_ENTRY;
use crate::primitive::{AtomicUsize, Ordering};

/// Number of direct mappings.
static N_MAPPINGS: AtomicUsize = AtomicUsize::new(0);

/// Start and length of every mapping, in address order. O(entries of the address map up to the last).
pub(crate) fn mappings() -> impl Iterator<Item = (usize, usize)> {
    address_map::direct_mappings().take(N_MAPPINGS.load(Ordering::Relaxed))
}

/// Maps a block for `layout`. Its bytes are zero.
pub(crate) fn map(layout: Layout) -> Option<Fresh> {
    let len = whole_pages(layout.size())?;
    let block = reserve(len, layout.align())?;
    // SAFETY: reserved just now.
    unsafe {
        if !os::commit(block, 0..len) {
            os::unmap(block, len);
            return None;
        }
    }
    huge_pages::after_mapping(block, len);
    address_map::enter_direct(block, len);
    N_MAPPINGS.fetch_add(1, Ordering::Relaxed);
    let is_zero = true;
    Some(Fresh {
        block,
        len,
        is_zero,
    })
}

/// Unmaps a block.
///
/// # Safety
///
/// It is a direct mapping, and is not used again.
pub(crate) unsafe fn unmap(mapping: NonNull<[u8]>) {
    address_map::remove(mapping.addr().get(), 1);
    N_MAPPINGS.fetch_sub(1, Ordering::Relaxed);
    // SAFETY: by the caller's promise nothing uses the mapping again.
    unsafe { os::unmap(mapping.cast(), mapping.len()) };
}

/// Makes a mapping `new_size` bytes long where it is, in whole pages; pages that are added are zero.
///
/// # Errors
///
/// The reason, if it cannot be resized in place.
///
/// # Safety
///
/// It is a direct mapping, and the bytes that go are not used again.
pub(crate) unsafe fn resize(
    mapping: NonNull<[u8]>,
    new_size: usize,
) -> Result<NonNull<[u8]>, ResizeError> {
    let len = whole_pages(new_size).ok_or(ResizeError::Fixed)?;
    if len == mapping.len() {
        return Ok(mapping);
    }
    // SAFETY: by the caller's promise this is a mapping, and nothing uses the bytes that go.
    let block = unsafe { os::resize(mapping.cast(), mapping.len(), len)? };
    address_map::enter_direct(block, len);
    Ok(NonNull::slice_from_raw_parts(block, len))
}

/// Moves a mapping to where there is room for `layout`, which asks for more; no byte is copied. Bytes
/// that are added are zero.
///
/// # Safety
///
/// It is a direct mapping, and is not used again after a success.
pub(crate) unsafe fn relocate(mapping: NonNull<[u8]>, layout: Layout) -> Option<NonNull<[u8]>> {
    let len = whole_pages(layout.size())?;
    let place = reserve(len, layout.align())?;
    // This comes first: as soon as the pages have moved, another thread may have a mapping at the old address. No thread
    // looks for the block meanwhile, because it is the caller's.
    address_map::remove(mapping.addr().get(), 1);
    // SAFETY: the new mapping is unused, and no other thread knows it. For the old one the caller promises the rest.
    let moved = unsafe { os::move_pages(mapping.cast(), mapping.len(), place, len) };
    let Some(block) = moved else {
        // The system may have unmapped the new place before it failed, and another thread may have mapped it since. So
        // this code leaves it alone.
        address_map::enter_direct(mapping.cast(), mapping.len());
        return None;
    };
    address_map::enter_direct(block, len);
    Some(NonNull::slice_from_raw_parts(block, len))
}

/// Address space at an entry that the address map covers.
fn reserve(len: usize, align: usize) -> Option<NonNull<u8>> {
    let block = os::reserve_aligned(len, align.max(MAP_ENTRY))?;
    if address_map::covers(block.addr().get()) {
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
