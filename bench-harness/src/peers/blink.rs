//! blink-alloc: a bump arena that is reset as a whole.

use std::alloc::Layout;
use std::ptr::NonNull;

use blink_alloc::BlinkAlloc;
use core_api::{Reclaims, Region};

use super::one_chunk::OneChunk;
use super::{Foreign, Peer};

/// The peer adds its header to the size of a chunk and rounds up to a multiple of this many bytes,
/// or to a power of two below.
const CHUNK_STEP: usize = 16 << 10;
const CHUNK_HEADER: usize = 4 * size_of::<usize>();

/// A blink-alloc arena on a region.
pub type Blink = BlinkAlloc<OneChunk>;

/// An arena of one chunk, as much of `region` as the peer's rounding takes.
pub fn blink(region: Region) -> Peer<Blink> {
    let chunk_len = match region.len() {
        0..CHUNK_STEP => (region.len() / 2 + 1).next_power_of_two(),
        len => len / CHUNK_STEP * CHUNK_STEP,
    };
    let hint = chunk_len.saturating_sub(CHUNK_HEADER);
    let mut arena = BlinkAlloc::with_chunk_size_in(hint, OneChunk::new(region));
    // The chunk is taken by the first request, whose alignment would be added to it.
    let _ = arena.allocate(Layout::new::<u8>());
    arena.reset();
    Peer(arena)
}

// SAFETY: blink-alloc promises what `Allocator` asks; its chunk does not move with it.
unsafe impl Foreign for Blink {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        BlinkAlloc::allocate(self, layout).ok().map(NonNull::cast)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated with this size.
        unsafe { BlinkAlloc::deallocate(self, block, layout.size()) }
    }

    #[inline]
    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the block was allocated with layout `old`.
        let resized = unsafe { self.resize(block, old, new) };
        resized.ok().map(NonNull::cast)
    }

    // Its `deallocate` compares the end of the last block with the start of the one to be freed.
    fn reclaims(&self) -> Reclaims {
        Reclaims::Nothing
    }
}
