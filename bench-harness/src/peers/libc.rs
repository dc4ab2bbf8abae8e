//! The system's `malloc`, through the C interface.

use std::alloc::Layout;
use std::ffi::c_void;
use std::ptr::{NonNull, null_mut};

use super::foreign::relocate;
use super::{Foreign, Peer};

/// Whether plain `malloc` promises the alignment: that of the largest C object that fits the block,
/// at most 16. glibc aligns every block so, but a library that takes its place may not.
#[inline]
fn is_plain(layout: Layout) -> bool {
    layout.align() <= 8 || (layout.align() == 16 && layout.size() >= 16)
}

/// libc malloc: one heap for the whole process, which this value only stands for.
#[derive(Debug)]
pub struct Libc;

/// libc malloc as a peer.
pub const fn libc() -> Peer<Libc> {
    Peer(Libc)
}

/// A block with an alignment that plain `malloc` does not promise.
#[cold]
fn allocate_aligned(layout: Layout) -> *mut c_void {
    let mut block = null_mut();
    // SAFETY: the alignment is a power of two and, being above 8, a multiple of the word size.
    match unsafe { libc::posix_memalign(&mut block, layout.align(), layout.size()) } {
        0 => block,
        _ => null_mut(),
    }
}

// SAFETY: C promises fitting, disjoint, stable blocks; libc does not call back and does not unwind.
unsafe impl Foreign for Libc {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let block = if is_plain(layout) {
            // SAFETY: `malloc` takes any size.
            unsafe { libc::malloc(layout.size()) }
        } else {
            allocate_aligned(layout)
        };
        NonNull::new(block.cast())
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, _layout: Layout) {
        // SAFETY: the block is live, so it came from `malloc` or one of its relatives.
        unsafe { libc::free(block.as_ptr().cast()) }
    }

    #[inline]
    fn allocate_zeroed(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        if is_plain(layout) {
            // SAFETY: `calloc` takes any size.
            return NonNull::new(unsafe { libc::calloc(1, layout.size()) }.cast());
        }
        let block = self.allocate(layout)?;
        // SAFETY: a new block of `layout.size()` bytes.
        unsafe { block.write_bytes(0, layout.size()) };
        Some(block)
    }

    #[inline]
    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // `realloc` of 0 bytes frees, and it keeps no more than malloc's alignment.
        if is_plain(new) && new.size() > 0 {
            // SAFETY: the block is live and came from `malloc`; the new size is not 0.
            return NonNull::new(
                unsafe { libc::realloc(block.as_ptr().cast(), new.size()) }.cast(),
            );
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { relocate(self, block, old, new) }
    }
}
