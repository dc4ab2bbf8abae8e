//! `allocator_api2` for all shared allocators: collections on a stage, on stable Rust.
//!
//! Three versions of that crate are in use. Their traits have the same text, but the compiler treats them as
//! different. Each version has a feature of its own, and each adapter implements the enabled ones.

/// The enabled versions, for the macros below.
#[doc(hidden)]
pub mod versions {
    #[cfg(feature = "allocator-api2-02")]
    pub use allocator_api2_02::alloc as v02;
    #[cfg(feature = "allocator-api2-03")]
    pub use allocator_api2_03::alloc as v03;
    #[cfg(feature = "allocator-api2-04")]
    pub use allocator_api2_04::alloc as v04;
    #[cfg(std_allocator)]
    pub use core::alloc as std;
}

/// Implements `allocator_api2`'s trait for a type that shares an allocator: one `impl` for each of the
/// features `allocator-api2-02`, `-03` and `-04` of `core-api`, and nothing if none is on.
///
/// The brackets hold the generic parameters. The expression makes a value that implements
/// [`Allocator`](crate::Allocator) from `&self`.
///
/// # Safety
///
/// The word `unsafe` is the promise that `allocator_api2` demands: every value of the expression refers to
/// the same allocator. Its blocks stay valid while `self` or a clone of it lives, even if that value moves.
///
/// ```
/// use core_api::{Allocator, Local};
///
/// struct Named<A>(&'static str, Local<A>);
///
/// core_api::allocator_api2! {
///     // SAFETY: the allocator lives in the value, and nothing moves it out.
///     unsafe impl[A: Allocator] for Named<A> { self => &self.1 }
/// }
/// ```
#[macro_export]
macro_rules! allocator_api2 {
    ($($impl:tt)*) => {
        $crate::__allocator_api2_02! { $($impl)* }
        $crate::__allocator_api2_03! { $($impl)* }
        $crate::__allocator_api2_04! { $($impl)* }
    };
}

#[cfg(feature = "allocator-api2-02")]
#[doc(hidden)]
#[macro_export]
macro_rules! __allocator_api2_02 {
    ($($impl:tt)*) => {
        $crate::__implement_allocator_api2! { v02: $($impl)* }
    };
}

#[cfg(not(feature = "allocator-api2-02"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __allocator_api2_02 {
    ($($impl:tt)*) => {};
}

#[cfg(feature = "allocator-api2-03")]
#[doc(hidden)]
#[macro_export]
macro_rules! __allocator_api2_03 {
    ($($impl:tt)*) => {
        $crate::__implement_allocator_api2! { v03: $($impl)* }
    };
}

#[cfg(not(feature = "allocator-api2-03"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __allocator_api2_03 {
    ($($impl:tt)*) => {};
}

#[cfg(feature = "allocator-api2-04")]
#[doc(hidden)]
#[macro_export]
macro_rules! __allocator_api2_04 {
    ($($impl:tt)*) => {
        $crate::__implement_allocator_api2! { v04: $($impl)* }
    };
}

#[cfg(not(feature = "allocator-api2-04"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __allocator_api2_04 {
    ($($impl:tt)*) => {};
}

/// Writes one version's `impl`.
#[doc(hidden)]
#[macro_export]
macro_rules! __implement_allocator_api2 {
    (
        $version:ident: unsafe impl[$($parameters:tt)*] for $type:ty { $self:ident => $shared:expr }
    ) => {
        // SAFETY: `core_api::Allocator` promises what the trait demands of each call: blocks that fit
        // their layout, are disjoint and do not move. The user of the macro promises that every call
        // reaches the same allocator.
        unsafe impl<$($parameters)*> $crate::adapters::versions::$version::Allocator for $type {
            #[inline]
            fn allocate(
                &$self,
                layout: ::core::alloc::Layout,
            ) -> ::core::result::Result<
                ::core::ptr::NonNull<[u8]>,
                $crate::adapters::versions::$version::AllocError,
            > {
                let mut shared = $shared;
                Ok($crate::Allocator::allocate(&mut shared, layout)?)
            }
            #[inline]
            fn allocate_zeroed(
                &$self,
                layout: ::core::alloc::Layout,
            ) -> ::core::result::Result<
                ::core::ptr::NonNull<[u8]>,
                $crate::adapters::versions::$version::AllocError,
            > {
                let mut shared = $shared;
                Ok($crate::Allocator::allocate_zeroed(&mut shared, layout)?)
            }
            #[inline]
            unsafe fn deallocate(
                &$self,
                block: ::core::ptr::NonNull<u8>,
                layout: ::core::alloc::Layout,
            ) {
                let mut shared = $shared;
                // SAFETY: the caller's promise is passed on.
                unsafe { $crate::Allocator::deallocate(&mut shared, block, layout) }
            }
            #[inline]
            unsafe fn grow(
                &$self,
                block: ::core::ptr::NonNull<u8>,
                old: ::core::alloc::Layout,
                new: ::core::alloc::Layout,
            ) -> ::core::result::Result<
                ::core::ptr::NonNull<[u8]>,
                $crate::adapters::versions::$version::AllocError,
            > {
                let mut shared = $shared;
                // SAFETY: the caller's promise is passed on.
                Ok(unsafe { $crate::Allocator::grow(&mut shared, block, old, new)? })
            }
            #[inline]
            unsafe fn grow_zeroed(
                &$self,
                block: ::core::ptr::NonNull<u8>,
                old: ::core::alloc::Layout,
                new: ::core::alloc::Layout,
            ) -> ::core::result::Result<
                ::core::ptr::NonNull<[u8]>,
                $crate::adapters::versions::$version::AllocError,
            > {
                let mut shared = $shared;
                // SAFETY: the caller's promise is passed on.
                Ok(unsafe { $crate::Allocator::grow_zeroed(&mut shared, block, old, new)? })
            }
            #[inline]
            unsafe fn shrink(
                &$self,
                block: ::core::ptr::NonNull<u8>,
                old: ::core::alloc::Layout,
                new: ::core::alloc::Layout,
            ) -> ::core::result::Result<
                ::core::ptr::NonNull<[u8]>,
                $crate::adapters::versions::$version::AllocError,
            > {
                let mut shared = $shared;
                // SAFETY: the caller's promise is passed on.
                Ok(unsafe { $crate::Allocator::shrink(&mut shared, block, old, new)? })
            }
        }
    };
}

/// Converts our error into one version's.
macro_rules! convert_error {
    ($feature:literal, $version:ident) => {
        #[cfg(feature = $feature)]
        impl From<crate::AllocError> for versions::$version::AllocError {
            fn from(_: crate::AllocError) -> Self {
                Self
            }
        }
    };
}

convert_error!("allocator-api2-02", v02);
convert_error!("allocator-api2-03", v03);
convert_error!("allocator-api2-04", v04);

allocator_api2! {
    // SAFETY: the allocator lives in the adapter, which cannot be replaced through `&self`.
    unsafe impl[A: crate::Allocator] for super::Local<A> { self => self }
}

allocator_api2! {
    // SAFETY: as for `Local`.
    unsafe impl[A: crate::Allocator, R: super::RawLock] for super::Locked<A, R> {
        self => self
    }
}
