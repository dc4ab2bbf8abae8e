//! Allocators that only hand out addresses.

use std::alloc::Layout;
use std::hint::black_box;
use std::ptr::NonNull;

use core_api::{AllocError, Allocator};

/// Where the address of the next block comes from.
pub(super) trait HandOut {
    /// An address for a block of `layout`.
    fn hand_out(&mut self, layout: Layout) -> Result<NonNull<u8>, AllocError>;

    /// Takes a block back.
    #[inline]
    fn take_back(&mut self, _block: NonNull<u8>, _layout: Layout) {}
}

/// Every call that returns a block hands out the next address.
#[derive(Debug)]
pub(super) struct Stub<H>(pub(super) H);

impl<H: HandOut> Stub<H> {
    #[inline]
    fn next(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let block = self.0.hand_out(layout)?;
        Ok(NonNull::slice_from_raw_parts(block, layout.size()))
    }
}

// SAFETY: not for programs: content is not kept across a move, and two blocks may be in one place. A
// timed replay writes and reads the first byte of each block, which is memory wherever an address comes
// from, and believes nothing of what it reads.
unsafe impl<H: HandOut> Allocator for Stub<H> {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.next(layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        self.0.take_back(block, layout);
    }

    #[inline]
    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.next(layout)
    }

    #[inline]
    unsafe fn grow(
        &mut self,
        _block: NonNull<u8>,
        _old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.next(new)
    }

    #[inline]
    unsafe fn shrink(
        &mut self,
        _block: NonNull<u8>,
        _old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.next(new)
    }
}

/// The same address for everybody.
#[derive(Debug)]
pub(super) struct Same(pub(super) NonNull<u8>);

impl HandOut for Same {
    #[inline]
    fn hand_out(&mut self, _layout: Layout) -> Result<NonNull<u8>, AllocError> {
        Ok(self.0)
    }
}

/// The addresses of a recording in turn: those that a real allocator returned for the same calls in the
/// same order, with the same memory under them.
#[derive(Debug)]
pub(super) struct InTurn<'a, const TAGS: bool>(pub(super) std::slice::Iter<'a, NonNull<u8>>);

impl<const TAGS: bool> HandOut for InTurn<'_, TAGS> {
    #[inline]
    fn hand_out(&mut self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        let block = *self.0.next().ok_or(AllocError)?;
        self.take_back(block, layout);
        Ok(block)
    }

    #[inline]
    fn take_back(&mut self, block: NonNull<u8>, layout: Layout) {
        if TAGS {
            visit_tags(block, layout.size());
        }
    }
}

/// Reads and writes the words on both sides of a block of `len` bytes, one after the other.
#[inline]
fn visit_tags(block: NonNull<u8>, len: usize) {
    // SAFETY: the addresses are talc's: before its first block are its bins, and after each block
    // there is a word of its own. The recording is over, so nobody depends on what is there.
    unsafe {
        let before = block.sub(size_of::<usize>()).cast::<usize>();
        let header = before.read_unaligned();
        // Zero, which neither compiler nor processor knows before the header has been read.
        let zero = header & black_box(0);
        let after = block.add(len + zero).cast::<usize>();
        let next = after.read_unaligned();
        before.write_unaligned(header);
        after.write_unaligned(next);
    }
}
