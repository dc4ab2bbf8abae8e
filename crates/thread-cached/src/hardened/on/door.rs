//! The doors: the families of functions that hand blocks out and take them back.

use core::ptr::null_mut;

use crate::primitive::{AtomicPtr, Ordering};

/// The function that tells whether a block may go back through another door; null if none may.
static MAY_OPEN: AtomicPtr<()> = AtomicPtr::new(null_mut());

/// Has this function asked before a block is refused.
pub(crate) fn open_if(may_open: fn() -> bool) {
    MAY_OPEN.store(may_open as *mut (), Ordering::Relaxed);
}

/// Whether a block may go back through another door than it came through.
pub(super) fn are_open() -> bool {
    let may_open = MAY_OPEN.load(Ordering::Relaxed);
    // SAFETY: a pointer that is not null is what `open_if` was given.
    !may_open.is_null() && unsafe { core::mem::transmute::<*mut (), fn() -> bool>(may_open) }()
}

/// A family of functions. A block must go back through the family that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Door {
    /// Rust's allocator traits.
    Layout,
    /// C's `malloc`, `realloc`, `aligned_alloc` and `free`.
    C,
    /// C++'s `new` and `delete`.
    New,
    /// C++'s `new[]` and `delete[]`.
    NewArray,
    /// C++'s `new` and `delete` with an alignment.
    AlignedNew,
    /// C++'s `new[]` and `delete[]` with an alignment.
    AlignedNewArray,
}
