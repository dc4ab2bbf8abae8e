//! bumpalo: a bump arena that grows downwards through chunks.

use std::alloc::Layout;

use bumpalo::Bump;

use super::Peer;
use super::api2::Api2;

/// What bumpalo adds to a chunk: its footer and room for `malloc`'s own header.
const CHUNK_OVERHEAD: usize = 128;
const PAGE: usize = 4096;

/// A bumpalo arena of one chunk, at most `len` bytes; one that is too small refuses every request.
///
/// bumpalo takes its chunks from the program's global allocator (here dlmalloc, which maps them) and
/// cannot be given a region. Here it asks for one chunk of the heap's length, rounded down to whole
/// pages, when it is made; every page of it is touched then; and an allocation limit forbids a
/// second chunk.
pub fn bumpalo(len: usize) -> Peer<Api2<Bump>> {
    Peer(Api2(bumpalo_of(len)))
}

/// The same arena by itself, with blocks at multiples of `MIN_ALIGN`.
pub fn bumpalo_of<const MIN_ALIGN: usize>(len: usize) -> Bump<MIN_ALIGN> {
    let capacity = (len / PAGE * PAGE).saturating_sub(CHUNK_OVERHEAD);
    let mut bump =
        Bump::try_with_min_align_and_capacity(capacity).unwrap_or_else(|_| Bump::with_min_align());
    bump.set_allocation_limit(Some(bump.allocated_bytes()));
    touch(&mut bump);
    bump
}

/// Writes a byte to every page of the arena's chunk, as the heaps of the others are touched, and
/// forgets what was allocated for it.
fn touch<const MIN_ALIGN: usize>(bump: &mut Bump<MIN_ALIGN>) {
    let len = bump.chunk_capacity();
    if let Ok(layout) = Layout::from_size_align(len, 1)
        && let Ok(block) = bump.try_alloc_layout(layout)
    {
        for offset in (0..len).step_by(PAGE) {
            // SAFETY: a new block of `len` bytes; volatile, so that the write is not left out.
            unsafe { block.add(offset).write_volatile(0) };
        }
    }
    bump.reset();
}
