//! `allocator_api2` for [`Local`] and [`Locked`]: collections on a stage, on stable Rust.

use allocator_api2::alloc::{AllocError as Api2Error, Allocator as Api2Allocator};
use core::alloc::Layout;
use core::ptr::NonNull;

use super::{Local, Locked, RawLock};
use crate::{AllocError, Allocator};

impl From<AllocError> for Api2Error {
    fn from(_: AllocError) -> Self {
        Self
    }
}

/// Implements `allocator_api2`'s trait for an adapter, through its `with` and `try_with`.
macro_rules! api2_allocator {
    ($adapter:ty $(, $lock:ident: $bound:path)?) => {
        // SAFETY: `crate::Allocator` promises the same: blocks that fit their layout, disjoint, and
        // valid until freed even if the adapter is moved.
        unsafe impl<A: Allocator $(, $lock: $bound)?> Api2Allocator for $adapter {
            #[inline]
            fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, Api2Error> {
                Ok(self.try_with(|inner| inner.allocate(layout))?)
            }
            #[inline]
            fn allocate_zeroed(&self, layout: Layout) -> Result<NonNull<[u8]>, Api2Error> {
                Ok(self.try_with(|inner| inner.allocate_zeroed(layout))?)
            }
            #[inline]
            unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
                // SAFETY: the caller's promise is passed on.
                self.with(|inner| unsafe { inner.deallocate(block, layout) })
            }
            #[inline]
            unsafe fn grow(
                &self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, Api2Error> {
                // SAFETY: the caller's promise is passed on.
                Ok(self.try_with(|inner| unsafe { inner.grow(block, old, new) })?)
            }
            #[inline]
            unsafe fn grow_zeroed(
                &self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, Api2Error> {
                // SAFETY: the caller's promise is passed on.
                Ok(self.try_with(|inner| unsafe { inner.grow_zeroed(block, old, new) })?)
            }
            #[inline]
            unsafe fn shrink(
                &self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, Api2Error> {
                // SAFETY: the caller's promise is passed on.
                Ok(self.try_with(|inner| unsafe { inner.shrink(block, old, new) })?)
            }
        }
    };
}

api2_allocator!(Local<A>);
api2_allocator!(Locked<A, R>, R: RawLock);
