//! bumpalo: a bump arena that grows downwards through chunks.

use std::alloc::Layout;
use std::ptr::NonNull;

use allocator_api2::alloc::Allocator as _;
use bumpalo::Bump;
use core_api::{AllocError, Allocator, Reclaims};

use super::sized;

/// What bumpalo adds to a chunk: its footer and room for `malloc`'s own header.
const CHUNK_OVERHEAD: usize = 128;
const PAGE: usize = 4096;

/// A bumpalo arena of one chunk.
///
/// bumpalo takes its chunks from the program's global allocator (here dlmalloc, which maps them) and
/// cannot be given a region. Here it asks for one chunk of the heap's length, rounded down to whole pages, when it is made; every
/// page of it is touched then; and an allocation limit forbids a second chunk.
#[derive(Debug)]
pub struct Bumpalo(Bump);

impl Bumpalo {
    /// An arena of at most `len` bytes; one that is too small refuses every request.
    pub fn with_budget(len: usize) -> Self {
        let capacity = (len / PAGE * PAGE).saturating_sub(CHUNK_OVERHEAD);
        let mut bump = Bump::try_with_capacity(capacity).unwrap_or_default();
        bump.set_allocation_limit(Some(bump.allocated_bytes()));
        touch(&mut bump);
        Self(bump)
    }
}

/// Writes to every page of the arena's chunk and forgets what was allocated for it.
fn touch(bump: &mut Bump) {
    let len = bump.chunk_capacity();
    if let Ok(layout) = Layout::from_size_align(len, 1)
        && let Ok(block) = bump.try_alloc_layout(layout)
    {
        // SAFETY: a new block of `len` bytes.
        unsafe { block.write_bytes(0, len) };
    }
    bump.reset();
}

// SAFETY: bumpalo promises what `Allocator` asks; its chunk does not move with it.
unsafe impl Allocator for Bumpalo {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        sized(self.0.try_alloc_layout(layout).ok(), layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated with this layout.
        unsafe { (&self.0).deallocate(block, layout) }
    }

    #[inline]
    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        unsafe { (&self.0).grow(block, old, new) }.map_err(|_| AllocError)
    }

    #[inline]
    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        unsafe { (&self.0).shrink(block, old, new) }.map_err(|_| AllocError)
    }

    fn reclaims(&self) -> Reclaims {
        Reclaims::LastBlock
    }
}
