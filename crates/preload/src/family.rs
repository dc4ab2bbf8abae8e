//! C's rules: what each request means, and which requests fail.
//!
//! Where the standard leaves a choice, these functions do what glibc does. Only `aligned_alloc` is stricter
//! with alignments than older versions: as in C17, and in glibc since 2.38.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::checked_round_up;

use crate::errno::{self, Failure, Outcome};
use crate::heap;
use crate::stage;
use crate::tier::Door;

/// The alignment of every block of `malloc`: enough for any type of C.
pub(crate) const ALIGN: usize = 16;

/// Returns the layout of a request, with the size rounded up so that the stage's blocks stay aligned.
///
/// # Errors
///
/// [`Failure::NoMemory`] if the size, rounded up to the alignment, is above `PTRDIFF_MAX`.
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

/// `malloc`: allocates `size` bytes; even a block of 0 bytes has an address of its own.
#[inline]
pub(crate) fn allocate(size: usize) -> Outcome {
    allocate_by(size, Door::C)
}

/// [`allocate`] and C++'s `new`.
#[inline]
pub(crate) fn allocate_by(size: usize, door: Door) -> Outcome {
    heap::allocate(layout(size, ALIGN)?, size, door)
}

/// `calloc`: allocates `count * size` bytes, all zero.
#[inline]
pub(crate) fn allocate_zeroed(count: usize, size: usize) -> Outcome {
    let size = count.checked_mul(size).ok_or(Failure::NoMemory)?;
    let layout = layout(size, ALIGN)?;
    os::keeping_errno(|| heap::allocate_zeroed(layout, size))
}

/// Allocates a block at a multiple of `align`.
///
/// # Errors
///
/// [`Failure::Invalid`] if `align` is not a power of two.
#[inline]
pub(crate) fn allocate_aligned(align: usize, size: usize) -> Outcome {
    allocate_aligned_by(align, size, Door::C)
}

/// [`allocate_aligned`] and C++'s aligned `new`.
#[inline]
pub(crate) fn allocate_aligned_by(align: usize, size: usize, door: Door) -> Outcome {
    if !align.is_power_of_two() {
        return Err(Failure::Invalid);
    }
    heap::allocate(layout(size, align)?, size, door)
}

/// `memalign`: accepts any alignment and rounds it up to a power of two.
pub(crate) fn allocate_loosely_aligned(align: usize, size: usize) -> Outcome {
    let align = align.checked_next_power_of_two().ok_or(Failure::Invalid)?;
    allocate_aligned(align, size)
}

/// `posix_memalign`: as [`allocate_aligned`], for multiples of a pointer's size.
pub(crate) fn allocate_for_pointers(align: usize, size: usize) -> Outcome {
    if !align.is_multiple_of(size_of::<*mut u8>()) {
        return Err(Failure::Invalid);
    }
    allocate_aligned(align, size)
}

/// `valloc`: allocates a block at the start of an OS page.
pub(crate) fn allocate_on_page(size: usize) -> Outcome {
    allocate_aligned(os::page_size(), size)
}

/// `pvalloc`: allocates whole OS pages, at least one.
pub(crate) fn allocate_pages(size: usize) -> Outcome {
    let page = os::page_size();
    let size = checked_round_up(size.max(1), page).ok_or(Failure::NoMemory)?;
    allocate_aligned(page, size)
}

/// `realloc` of an existing block to a size above 0. Keeps the bytes that fit.
///
/// # Safety
///
/// `block` is live. If the outcome is a block, the caller does not use the old one again.
#[inline]
pub(crate) unsafe fn reallocate(block: NonNull<u8>, size: usize) -> Outcome {
    let layout = layout(size, ALIGN)?;
    // SAFETY: the caller's promise is passed on; every block has the layout's alignment of 16 (P2).
    errno::kept_by_stage(|| unsafe { heap::reallocate(block, layout, size) })
}
