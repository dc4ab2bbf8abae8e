//! [`Standard`]: a handle as the standard library's `Allocator`.

use super::Handle;

/// A [`Handle`] as the standard library's own allocator trait, [`core::alloc::Allocator`].
///
/// The type exists only where the compiler has that trait: today on nightly, with the feature `allocator_api` in the
/// crate that uses it. A build script finds out, and builds this crate without the type elsewhere. On a stable
/// compiler, use the features for `allocator-api2`.
///
/// ```
/// # #![cfg_attr(std_allocator_is_unstable, feature(allocator_api))]
/// use core_api::{Handle, Standard};
///
/// fn squares<H: Handle>(heap: H) -> Vec<u64, Standard<H>> {
///     let mut squares = Vec::new_in(Standard(heap));
///     squares.extend((0..100).map(|n| n * n));
///     squares
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standard<H>(pub H);

crate::__implement_allocator_api2! {
    // SAFETY: `Handle` promises that all clones lead to one allocator, and that its blocks stay where they are.
    std: unsafe impl[H: Handle] for Standard<H> { self => self.0.clone() }
}

impl From<crate::AllocError> for core::alloc::AllocError {
    fn from(_: crate::AllocError) -> Self {
        Self
    }
}
