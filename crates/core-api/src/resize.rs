//! The provided way to resize a block, for allocators that override `grow` and `shrink`.

use core::alloc::Layout;
use core::ptr::NonNull;

use crate::{AllocError, Allocator};

/// Reallocates a block: in place if the alignment stays the same and the stage can, else by a move.
///
/// A stage whose blocks do not depend on the alignment of their layout overrides `grow` and `shrink` only
/// to skip the alignment test. Adapters do not use this function; they call the inner allocator's methods.
///
/// # Errors
///
/// [`AllocError`] if the block cannot be resized in place and there is no room for a new one; the
/// old block is live and unchanged.
///
/// # Safety
///
/// `block` is live in `allocator` and `old` fits it.
pub unsafe fn reallocate<A: Allocator + ?Sized>(
    allocator: &mut A,
    block: NonNull<u8>,
    old: Layout,
    new: Layout,
) -> Result<NonNull<[u8]>, AllocError> {
    if new.align() == old.align() {
        // SAFETY: the block is live and `old` fits it; `new` is a `Layout`, so its size rounded up
        // to its alignment is at most `isize::MAX`.
        if let Ok(resized) = unsafe { allocator.resize_in_place(block, old, new.size()) } {
            return Ok(resized);
        }
    }
    let moved = allocator.allocate(new)?;
    // SAFETY: both blocks are live, hence disjoint, and have at least `kept` bytes; `old` fits `block`, and
    // the caller does not use `block` again.
    unsafe {
        let kept = old.size().min(new.size());
        moved.cast::<u8>().copy_from_nonoverlapping(block, kept);
        allocator.deallocate(block, old);
    }
    Ok(moved)
}
