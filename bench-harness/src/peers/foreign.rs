//! What a peer has to offer, and the one wrapper that makes our [`Allocator`] of it.

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::{AllocError, Allocator, Reclaims};

/// The calls of a peer, as it offers them. [`Peer`] turns them into our trait.
///
/// Only the first two are needed. An implementation calls the peer's own methods and adds nothing.
///
/// # Safety
///
/// As [`Allocator`] asks, which these calls are made into.
pub unsafe trait Foreign {
    /// A block for `layout`; `None` if there is no room.
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>>;

    /// Takes a block back.
    ///
    /// # Safety
    ///
    /// `block` is live and was allocated or last resized with `layout`.
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout);

    /// A block for `layout` whose `layout.size()` bytes are zero; `None` if there is no room.
    #[inline]
    fn allocate_zeroed(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let block = self.allocate(layout)?;
        // SAFETY: a new block of `layout.size()` bytes.
        unsafe { block.write_bytes(0, layout.size()) };
        Some(block)
    }

    /// Whether the block has `new_size` bytes now, where it is. Most peers must get back the size
    /// that they gave, so that without a method of their own only the same size will do.
    ///
    /// # Safety
    ///
    /// As [`deallocate`](Self::deallocate); `new_size` with the alignment of `old` is a layout.
    #[inline]
    unsafe fn resize_in_place(
        &mut self,
        _block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> bool {
        new_size == old.size()
    }

    /// The block with the size of `new`, which has the alignment of `old`; moved if it must be.
    /// `None` if there is no room, and then nothing has changed.
    ///
    /// # Safety
    ///
    /// As [`deallocate`](Self::deallocate).
    #[inline]
    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise is passed on.
        unsafe {
            match self.resize_in_place(block, old, new.size()) {
                true => Some(block),
                false => relocate(self, block, old, new),
            }
        }
    }

    /// What becomes usable again when blocks are freed.
    fn reclaims(&self) -> Reclaims {
        Reclaims::Everything
    }
}

/// Moves a block to a new one.
///
/// # Safety
///
/// `block` is live and has layout `old`.
#[inline]
pub(super) unsafe fn relocate<F: Foreign + ?Sized>(
    peer: &mut F,
    block: NonNull<u8>,
    old: Layout,
    new: Layout,
) -> Option<NonNull<u8>> {
    let moved = peer.allocate(new)?;
    // SAFETY: both blocks are live, hence disjoint, and hold the bytes copied; `block` is not used
    // again.
    unsafe {
        moved.copy_from_nonoverlapping(block, old.size().min(new.size()));
        peer.deallocate(block, old);
    }
    Some(moved)
}

/// `layout`, or one byte of its alignment if it is empty: for peers that take no empty requests.
#[inline]
pub(super) fn nonempty(layout: Layout) -> Layout {
    match layout.size() {
        0 => Layout::from_size_align(1, layout.align()).unwrap_or(layout),
        _ => layout,
    }
}

/// A peer behind our trait. The usable length of a block is the one that was asked for.
#[derive(Debug)]
pub struct Peer<F>(pub F);

/// A block of the requested length.
#[inline]
fn sized(block: Option<NonNull<u8>>, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
    let block = block.ok_or(AllocError)?;
    Ok(NonNull::slice_from_raw_parts(block, layout.size()))
}

// SAFETY: `Foreign` asks the same of its implementations.
unsafe impl<F: Foreign> Allocator for Peer<F> {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        sized(self.0.allocate(layout), layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: every block has the length that was asked for, so its layout is the last asked.
        unsafe { self.0.deallocate(block, layout) }
    }

    #[inline]
    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        sized(self.0.allocate_zeroed(layout), layout)
    }

    #[inline]
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        match unsafe { self.0.resize_in_place(block, old, new_size) } {
            true => Ok(NonNull::slice_from_raw_parts(block, new_size)),
            false => Err(AllocError),
        }
    }

    #[inline]
    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        let block = unsafe {
            match old.align() == new.align() {
                true => self.0.reallocate(block, old, new),
                false => relocate(&mut self.0, block, old, new),
            }
        };
        sized(block, new)
    }

    #[inline]
    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: `reallocate` goes both ways.
        unsafe { self.grow(block, old, new) }
    }

    fn reclaims(&self) -> Reclaims {
        self.0.reclaims()
    }
}
