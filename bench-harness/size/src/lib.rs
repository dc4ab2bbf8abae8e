//! The least program on one allocator, which a feature chooses: a heap in memory that it is given, and
//! the three calls. Without a feature nothing is behind them, which is what the shell itself weighs.
//!
//! Panics abort, and say nothing. Whoever has no reallocation moves the block.
#![no_std]

#[cfg_attr(feature = "buddy", path = "buddy.rs")]
#[cfg_attr(feature = "coalescing", path = "coalescing.rs")]
#[cfg_attr(feature = "coalescing-strict", path = "coalescing.rs")]
#[cfg_attr(feature = "dlmalloc", path = "dlmalloc.rs")]
#[cfg_attr(feature = "linked_list", path = "linked_list.rs")]
#[cfg_attr(feature = "rlsf", path = "rlsf.rs")]
#[cfg_attr(feature = "talc", path = "talc.rs")]
mod none;

use core::alloc::Layout;
use core::ptr::{NonNull, null_mut};

use none::Heap;

static mut HEAP: Heap = Heap::NEW;

/// What the calls below need of an allocator.
trait Allocator: Sized {
    const NEW: Self;

    /// Gives it its memory, once.
    unsafe fn init(&mut self, base: NonNull<u8>, len: usize);

    unsafe fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>>;

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout);

    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise is passed on; the two blocks are live, hence disjoint.
        unsafe {
            let moved = self.allocate(new)?;
            moved.copy_from_nonoverlapping(block, old.size().min(new.size()));
            self.deallocate(block, old);
            Some(moved)
        }
    }
}

fn heap() -> &'static mut Heap {
    // SAFETY: the program has one thread, and no call is within another.
    unsafe { &mut *&raw mut HEAP }
}

fn thin(block: Option<NonNull<u8>>) -> *mut u8 {
    block.map_or(null_mut(), NonNull::as_ptr)
}

/// Gives the heap its memory. Called once, before the others.
///
/// # Safety
///
/// The memory is nobody else's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heap_init(base: NonNull<u8>, len: usize) {
    // SAFETY: the caller's promise.
    unsafe { heap().init(base, len) }
}

/// A block, or null.
///
/// # Safety
///
/// The size is not 0, and size and alignment make a layout.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heap_allocate(size: usize, align: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { thin(heap().allocate(Layout::from_size_align_unchecked(size, align))) }
}

/// Gives a block back.
///
/// # Safety
///
/// The block is live and has this size and alignment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heap_deallocate(block: NonNull<u8>, size: usize, align: usize) {
    // SAFETY: the caller's promise.
    unsafe { heap().deallocate(block, Layout::from_size_align_unchecked(size, align)) }
}

/// The block with another size, or null.
///
/// # Safety
///
/// The block is live and has this size and alignment; the new size is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heap_reallocate(
    block: NonNull<u8>,
    size: usize,
    align: usize,
    new_size: usize,
) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe {
        let old = Layout::from_size_align_unchecked(size, align);
        let new = Layout::from_size_align_unchecked(new_size, align);
        thin(heap().reallocate(block, old, new))
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
