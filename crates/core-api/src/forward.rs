//! A macro for wrappers that forward to an inner allocator.

/// Defines the methods of [`Allocator`](crate::Allocator) for a wrapper: each calls the same method
/// of the inner allocator.
///
/// The first expression reaches the inner allocator from `&mut self`, the second from `&self`. A wrapper that
/// forwards only `allocate` and `deallocate` turns every `grow` in place into a copy, and clears pages that
/// are zero already.
///
/// ```
/// struct Named<A>(&'static str, A);
/// // SAFETY: every method calls the inner allocator's own.
/// unsafe impl<A: core_api::Allocator> core_api::Allocator for Named<A> {
///     core_api::forward_allocator!(self => self.1, self.1);
/// }
/// ```
#[macro_export]
macro_rules! forward_allocator {
    ($self:ident => $inner:expr, $shared:expr) => {
        #[inline]
        fn allocate(
            &mut $self,
            layout: ::core::alloc::Layout,
        ) -> ::core::result::Result<::core::ptr::NonNull<[u8]>, $crate::AllocError> {
            $crate::Allocator::allocate(&mut $inner, layout)
        }
        #[inline]
        unsafe fn deallocate(
            &mut $self,
            block: ::core::ptr::NonNull<u8>,
            layout: ::core::alloc::Layout,
        ) {
            // SAFETY: the caller's promise is passed on.
            unsafe { $crate::Allocator::deallocate(&mut $inner, block, layout) }
        }
        #[inline]
        fn allocate_zeroed(
            &mut $self,
            layout: ::core::alloc::Layout,
        ) -> ::core::result::Result<::core::ptr::NonNull<[u8]>, $crate::AllocError> {
            $crate::Allocator::allocate_zeroed(&mut $inner, layout)
        }
        #[inline]
        unsafe fn resize_in_place(
            &mut $self,
            block: ::core::ptr::NonNull<u8>,
            old: ::core::alloc::Layout,
            new_size: usize,
        ) -> ::core::result::Result<::core::ptr::NonNull<[u8]>, $crate::AllocError> {
            // SAFETY: the caller's promise is passed on.
            unsafe { $crate::Allocator::resize_in_place(&mut $inner, block, old, new_size) }
        }
        #[inline]
        unsafe fn grow(
            &mut $self,
            block: ::core::ptr::NonNull<u8>,
            old: ::core::alloc::Layout,
            new: ::core::alloc::Layout,
        ) -> ::core::result::Result<::core::ptr::NonNull<[u8]>, $crate::AllocError> {
            // SAFETY: the caller's promise is passed on.
            unsafe { $crate::Allocator::grow(&mut $inner, block, old, new) }
        }
        #[inline]
        unsafe fn grow_zeroed(
            &mut $self,
            block: ::core::ptr::NonNull<u8>,
            old: ::core::alloc::Layout,
            new: ::core::alloc::Layout,
        ) -> ::core::result::Result<::core::ptr::NonNull<[u8]>, $crate::AllocError> {
            // SAFETY: the caller's promise is passed on.
            unsafe { $crate::Allocator::grow_zeroed(&mut $inner, block, old, new) }
        }
        #[inline]
        unsafe fn shrink(
            &mut $self,
            block: ::core::ptr::NonNull<u8>,
            old: ::core::alloc::Layout,
            new: ::core::alloc::Layout,
        ) -> ::core::result::Result<::core::ptr::NonNull<[u8]>, $crate::AllocError> {
            // SAFETY: the caller's promise is passed on.
            unsafe { $crate::Allocator::shrink(&mut $inner, block, old, new) }
        }
        #[inline]
        fn reclaims(&$self) -> $crate::Reclaims {
            $crate::Allocator::reclaims(&$shared)
        }
    };
}
