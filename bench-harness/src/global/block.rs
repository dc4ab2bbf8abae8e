//! A block, and the calls that make and end it.

use std::alloc::{GlobalAlloc, Layout};
use std::hint::black_box;
use std::ptr::NonNull;

/// The sizes of small blocks in bytes.
pub(super) const SMALL: std::ops::Range<usize> = 16..513;

/// A live block and its layout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// Its first byte.
    pub(super) start: NonNull<u8>,
    /// With which it goes back.
    pub(super) layout: Layout,
}

// SAFETY: whoever has the block may free it, on any thread.
unsafe impl Send for Block {}
// SAFETY: the value is an address and a layout; only the functions below follow it.
unsafe impl Sync for Block {}

/// The layout of `size` bytes for words.
#[inline]
pub(super) fn words(size: usize) -> Layout {
    aligned(size, align_of::<u64>())
}

/// The layout of `size` bytes at a multiple of `align`.
#[inline]
pub(super) fn aligned(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap_or(Layout::new::<u64>())
}

/// A block with its first byte written. The size of `layout` is not 0.
#[inline]
pub(super) fn allocate(allocator: &(impl GlobalAlloc + ?Sized), layout: Layout) -> Block {
    // SAFETY: the size is not 0.
    written(unsafe { allocator.alloc(layout) }, layout)
}

/// The same, with zeroes in the block before that.
#[inline]
pub(super) fn allocate_zeroed(allocator: &(impl GlobalAlloc + ?Sized), layout: Layout) -> Block {
    // SAFETY: the size is not 0.
    written(unsafe { allocator.alloc_zeroed(layout) }, layout)
}

/// The block with another size that is not 0, moved if it must be.
#[inline]
pub(super) fn resize(allocator: &(impl GlobalAlloc + ?Sized), block: Block, size: usize) -> Block {
    // SAFETY: the block is live and has this layout.
    let start = unsafe { allocator.realloc(block.start.as_ptr(), block.layout, size) };
    written(start, aligned(size, block.layout.align()))
}

/// Gives the block back.
#[inline]
pub(super) fn free(allocator: &(impl GlobalAlloc + ?Sized), block: Block) {
    // SAFETY: the block is live and has this layout; it is not used again.
    unsafe { allocator.dealloc(black_box(block.start.as_ptr()), block.layout) };
}

/// A block with its first byte written, of what an allocator returned for `layout`.
#[inline]
pub(super) fn written(start: *mut u8, layout: Layout) -> Block {
    let start = found(start, layout.size());
    // SAFETY: a live block of a byte at least.
    unsafe { start.write(1) };
    Block { start, layout }
}

/// The start of a block of `len` bytes, unless an allocator had none.
#[inline]
pub(super) fn found(start: *mut u8, len: usize) -> NonNull<u8> {
    NonNull::new(black_box(start)).unwrap_or_else(|| out_of_memory(len))
}

impl Block {
    /// Writes a byte of each page, and the last one.
    pub(super) fn touch(self) {
        crate::subject::touch_pages(self.start, self.layout.size());
    }
}

/// Ends the process, whose parent makes a note of what it says, unless what was read from blocks is what
/// had been written to them.
pub(super) fn ensure_intact(is_intact: bool) {
    if !is_intact {
        eprintln!("a block did not hold what had been written to it");
        std::process::exit(1);
    }
}

/// Ends the process, whose parent makes a note of what it says.
#[cold]
fn out_of_memory(size: usize) -> ! {
    eprintln!("out of memory: a request of {size} bytes was refused");
    std::process::exit(1)
}
