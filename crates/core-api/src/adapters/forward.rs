//! `Allocator` for a shared reference to an adapter: every method forwards to the inner one.

/// Implements `Allocator` for `&$adapter`, through its `with` and `try_with`.
macro_rules! forward_allocator {
    ($adapter:ty $(, $lock:ident: $bound:path)?) => {
        // SAFETY: every method calls the inner allocator's own.
        unsafe impl<A: Allocator $(, $lock: $bound)?> Allocator for &$adapter {
            #[inline]
            fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
                self.try_with(|inner| inner.allocate(layout))
            }
            #[inline]
            unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
                // SAFETY: the caller's promise is passed on.
                self.with(|inner| unsafe { inner.deallocate(block, layout) })
            }
            #[inline]
            fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
                self.try_with(|inner| inner.allocate_zeroed(layout))
            }
            #[inline]
            unsafe fn resize_in_place(
                &mut self,
                block: NonNull<u8>,
                old: Layout,
                new_size: usize,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: the caller's promise is passed on.
                self.try_with(|inner| unsafe { inner.resize_in_place(block, old, new_size) })
            }
            #[inline]
            unsafe fn grow(
                &mut self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: the caller's promise is passed on.
                self.try_with(|inner| unsafe { inner.grow(block, old, new) })
            }
            #[inline]
            unsafe fn grow_zeroed(
                &mut self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: the caller's promise is passed on.
                self.try_with(|inner| unsafe { inner.grow_zeroed(block, old, new) })
            }
            #[inline]
            unsafe fn shrink(
                &mut self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: the caller's promise is passed on.
                self.try_with(|inner| unsafe { inner.shrink(block, old, new) })
            }
            fn reclaims(&self) -> Reclaims {
                self.inspect(|inner| inner.reclaims())
            }
        }
    };
}

pub(super) use forward_allocator;
