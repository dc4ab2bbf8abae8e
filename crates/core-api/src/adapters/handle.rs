//! [`Handle`]: values that share an allocator by being cloned.

use super::{Local, Locked, RawLock};
use crate::Allocator;

/// Allocators that are only a way to a shared one: their clones all lead to the same allocator.
///
/// Collections of the standard library and of `allocator-api2` move their allocator, clone it and drop clones of it.
/// References to [`Local`] and [`Locked`] are handles.
///
/// # Safety
///
/// A handle and its clones behave as one allocator: each accepts the blocks of the others. A block stays valid when
/// a handle moves, and as long as one of the clones lives. `clone` does not unwind.
///
/// `Contract::handle` of the test kit tests this.
pub unsafe trait Handle: Allocator + Clone {}

// SAFETY: copies of a reference lead to the same `Local`, which outlives them and stays in place.
unsafe impl<A: Allocator> Handle for &Local<A> {}

// SAFETY: copies of a reference lead to the same `Locked`, which outlives them and stays in place.
unsafe impl<A: Allocator, R: RawLock> Handle for &Locked<A, R> {}
