//! Allocators of other traits as allocators of this crate, so that [`Contract`](super::Contract) can test them.

use core::alloc::Layout;
use core::ptr::NonNull;

use crate::adapters::versions;
use crate::{AllocError, Allocator, Handle, Reclaims};

/// Defines the type for one version of the foreign trait.
macro_rules! foreign {
    ($condition:meta, $version:ident, $name:ident, $of:literal) => {
        #[doc = concat!("An allocator of ", $of, ", to be tested by [`Contract`](super::Contract).")]
        ///
        #[doc = concat!("[`Contract::handle`](super::Contract::handle) tests what that trait promises of moves and clones.")]
        #[cfg($condition)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name<A> {
            /// The foreign allocator.
            pub allocator: A,
            /// What it can reuse after frees.
            pub reclaims: Reclaims,
        }

        // SAFETY: the foreign trait promises what ours demands: blocks that fit their layout, are disjoint and do
        // not move with the allocator.
        #[cfg($condition)]
        unsafe impl<A: versions::$version::Allocator> Allocator for $name<A> {
            fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
                self.allocator.allocate(layout).map_err(|_| AllocError)
            }

            unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
                // SAFETY: the caller's promise is passed on.
                unsafe { self.allocator.deallocate(block, layout) }
            }

            fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
                self.allocator.allocate_zeroed(layout).map_err(|_| AllocError)
            }

            /// The foreign trait cannot resize in place.
            unsafe fn resize_in_place(
                &mut self,
                block: NonNull<u8>,
                old: Layout,
                new_size: usize,
            ) -> Result<NonNull<[u8]>, AllocError> {
                match new_size == old.size() {
                    true => Ok(NonNull::slice_from_raw_parts(block, new_size)),
                    false => Err(AllocError),
                }
            }

            unsafe fn grow(
                &mut self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: the caller's promise is passed on.
                unsafe { self.allocator.grow(block, old, new) }.map_err(|_| AllocError)
            }

            unsafe fn grow_zeroed(
                &mut self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: the caller's promise is passed on.
                unsafe { self.allocator.grow_zeroed(block, old, new) }.map_err(|_| AllocError)
            }

            unsafe fn shrink(
                &mut self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: the caller's promise is passed on.
                unsafe { self.allocator.shrink(block, old, new) }.map_err(|_| AllocError)
            }

            fn reclaims(&self) -> Reclaims {
                self.reclaims
            }
        }

        // SAFETY: the foreign trait promises that a clone behaves like the original, and that neither a move nor the
        // end of a clone invalidates blocks.
        #[cfg($condition)]
        unsafe impl<A: versions::$version::Allocator + Clone> Handle for $name<A> {}
    };
}

foreign!(
    feature = "allocator-api2-02",
    v02,
    Api2V02,
    "`allocator-api2` 0.2"
);
foreign!(
    feature = "allocator-api2-03",
    v03,
    Api2V03,
    "`allocator-api2` 0.3"
);
foreign!(
    feature = "allocator-api2-04",
    v04,
    Api2V04,
    "`allocator-api2` 0.4"
);
foreign!(std_allocator, std, Std, "the standard library");
