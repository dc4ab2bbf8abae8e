//! The doors: the families of functions that hand blocks out and take them back.

use core::ptr::null_mut;

use crate::primitive::{AtomicPtr, Ordering};

/// Tells whether a block may go back through another door.
pub(crate) type MayOpen = fn() -> bool;

/// The place of the function that is asked; null if no block may.
static MAY_OPEN: AtomicPtr<MayOpen> = AtomicPtr::new(null_mut());

/// Has this function asked before a block is refused.
pub(crate) fn open_if(may_open: &'static MayOpen) {
    MAY_OPEN.store(core::ptr::from_ref(may_open).cast_mut(), Ordering::Release);
}

/// Whether a block may go back through another door than it came through.
pub(super) fn are_open() -> bool {
    // SAFETY: a pointer that is not null leads to a static that nothing writes to.
    unsafe { MAY_OPEN.load(Ordering::Acquire).as_ref() }.is_some_and(|may_open| may_open())
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
