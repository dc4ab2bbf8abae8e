//! C's rules: what a request means, and which ones fail.
//!
//! As glibc does it where the standard leaves it open, but for `aligned_alloc`, which is stricter
//! with alignments, as C17 and glibc since 2.38 are.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::checked_round_up;

use crate::errno::{self, Failure, Outcome};
use crate::heap;
use crate::os;
use crate::stage;

/// What `malloc` aligns every block to: enough for any type of C.
pub(crate) const ALIGN: usize = 16;

/// The layout of a request; the size is rounded up so that the stage's blocks stay aligned.
///
/// # Errors
///
/// The size is above `PTRDIFF_MAX`, rounded up to the alignment.
#[inline]
fn layout(size: usize, align: usize) -> Result<Layout, Failure> {
    if size > isize::MAX as usize {
        return Err(Failure::NoMemory);
    }
    let block = (size + stage::HEADER).max(1);
    let whole = checked_round_up(block, ALIGN).ok_or(Failure::NoMemory)?;
    let align = align.max(ALIGN);
    Layout::from_size_align(whole - stage::HEADER, align).map_err(|_| Failure::NoMemory)
}

/// `malloc`: a block of `size` bytes; of none it still has an address of its own.
#[inline]
pub(crate) fn allocate(size: usize) -> Outcome {
    heap::allocate(layout(size, ALIGN)?, size)
}

/// `calloc`: `count * size` bytes of zeroes.
#[inline]
pub(crate) fn allocate_zeroed(count: usize, size: usize) -> Outcome {
    let size = count.checked_mul(size).ok_or(Failure::NoMemory)?;
    let layout = layout(size, ALIGN)?;
    errno::kept(|| heap::allocate_zeroed(layout, size))
}

/// A block at a multiple of `align`.
///
/// # Errors
///
/// [`Failure::Invalid`] if that is no power of two.
#[inline]
pub(crate) fn allocate_aligned(align: usize, size: usize) -> Outcome {
    if !align.is_power_of_two() {
        return Err(Failure::Invalid);
    }
    heap::allocate(layout(size, align)?, size)
}

/// `memalign`: any alignment will do, and counts as the next power of two.
pub(crate) fn allocate_loosely_aligned(align: usize, size: usize) -> Outcome {
    let align = align.checked_next_power_of_two().ok_or(Failure::Invalid)?;
    allocate_aligned(align, size)
}

/// `posix_memalign`: as [`allocate_aligned`], for alignments that a pointer has at least.
pub(crate) fn allocate_for_pointers(align: usize, size: usize) -> Outcome {
    if !align.is_multiple_of(size_of::<*mut u8>()) {
        return Err(Failure::Invalid);
    }
    allocate_aligned(align, size)
}

/// `valloc`: at the start of an OS page.
pub(crate) fn allocate_on_page(size: usize) -> Outcome {
    allocate_aligned(os::page_size(), size)
}

/// `pvalloc`: whole OS pages, at least one.
pub(crate) fn allocate_pages(size: usize) -> Outcome {
    let page = os::page_size();
    let size = checked_round_up(size.max(1), page).ok_or(Failure::NoMemory)?;
    allocate_aligned(page, size)
}

/// `realloc` of a block that is there, to a size above 0. It keeps what fits.
///
/// # Safety
///
/// `block` is live, and not used again if the outcome is another one.
#[inline]
pub(crate) unsafe fn reallocate(block: NonNull<u8>, size: usize) -> Outcome {
    let layout = layout(size, ALIGN)?;
    // SAFETY: the caller's promise is passed on; every block is aligned for the layout (P2).
    errno::kept_by_stage(|| unsafe { heap::reallocate(block, layout, size) })
}
