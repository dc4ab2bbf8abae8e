//! Compiles if `core` has the trait `Allocator` with the methods that the adapter `Standard` implements.

#![no_std]
#![cfg_attr(std_allocator_is_unstable, feature(allocator_api))]

use core::alloc::{AllocError, Allocator, Layout};
use core::ptr::NonNull;

/// An allocator that is always full.
pub struct Probe;

// SAFETY: it never returns a block.
unsafe impl Allocator for Probe {
    fn allocate(&self, _: Layout) -> Result<NonNull<[u8]>, AllocError> {
        Err(AllocError)
    }

    fn allocate_zeroed(&self, _: Layout) -> Result<NonNull<[u8]>, AllocError> {
        Err(AllocError)
    }

    unsafe fn deallocate(&self, _: NonNull<u8>, _: Layout) {}

    unsafe fn grow(
        &self,
        _: NonNull<u8>,
        _: Layout,
        _: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        Err(AllocError)
    }

    unsafe fn grow_zeroed(
        &self,
        _: NonNull<u8>,
        _: Layout,
        _: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        Err(AllocError)
    }

    unsafe fn shrink(
        &self,
        _: NonNull<u8>,
        _: Layout,
        _: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        Err(AllocError)
    }
}
