//! Allocates blocks with their usable length, and zeroed blocks.

use core::alloc::Layout;
use core::ptr::{NonNull, null_mut};

use core_api::AllocError;

use crate::front::in_place::usable_size;
use crate::hardened;
use crate::heap::owned::MaybeOwned;
use crate::layout::classes;

/// Allocates a block and tells its usable length.
#[inline]
pub(crate) fn allocate(heap: MaybeOwned<'_>, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
    let block = NonNull::new(heap.allocate(layout)).ok_or(AllocError)?;
    let usable = match classes::of(layout.size(), layout.align()) {
        Some(class) if !hardened::is_guarded(block) => {
            hardened::usable(layout.size(), classes::size_of(class))
        }
        _ => usable_size(block),
    };
    Ok(NonNull::slice_from_raw_parts(block, usable))
}

/// Allocates a block whose usable bytes are zero. Does not clear pages that come fresh from the OS.
pub(crate) fn allocate_zeroed(
    heap: MaybeOwned<'_>,
    layout: Layout,
) -> Result<NonNull<[u8]>, AllocError> {
    let (block, is_zero) = allocate_maybe_zero(heap, layout)?;
    if !is_zero {
        // SAFETY: the block is new and has that many bytes.
        unsafe { block.cast::<u8>().write_bytes(0, block.len()) };
    }
    Ok(block)
}

/// Allocates a block whose first `layout.size()` bytes are zero, as `calloc` promises; null if there is no memory.
pub(crate) fn calloc(heap: MaybeOwned<'_>, layout: Layout) -> *mut u8 {
    match allocate_maybe_zero(heap, layout) {
        Ok((block, is_zero)) => {
            let size = if is_zero { 0 } else { layout.size() };
            // SAFETY: the block is new and has the layout's size.
            unsafe { block.cast::<u8>().write_bytes(0, size) };
            block.as_ptr().cast()
        }
        Err(AllocError) => null_mut(),
    }
}

/// Allocates a block, and tells whether it is known to be zero.
#[inline]
fn allocate_maybe_zero(
    heap: MaybeOwned<'_>,
    layout: Layout,
) -> Result<(NonNull<[u8]>, bool), AllocError> {
    if classes::of(layout.size(), layout.align()).is_some() {
        return Ok((allocate(heap, layout)?, false));
    }
    let fresh = heap.allocate_pages(layout).ok_or(AllocError)?;
    let block = NonNull::slice_from_raw_parts(fresh.block, fresh.len);
    Ok((block, fresh.is_zero))
}
