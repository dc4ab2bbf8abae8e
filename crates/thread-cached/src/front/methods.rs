//! Implements the contract's methods once, for private heaps and for the calling thread's heap.

/// Implements `Allocator` and `SizelessFree` for a type whose value leads to a heap of the calling thread's.
macro_rules! allocator_on {
    ($type:ty, $self:ident => $heap:expr) => {
        // SAFETY: blocks of slabs are distinct, aligned and large enough (I2, I3), as are spans
        // (I2) and direct mappings. A region stays where it is when the value moves. Nothing
        // unwinds.
        unsafe impl core_api::Allocator for $type {
            #[inline]
            fn allocate(&mut $self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
                zeroed::allocate($heap, layout)
            }

            #[inline]
            unsafe fn deallocate(&mut $self, block: NonNull<u8>, layout: Layout) {
                // SAFETY: the caller's promise is passed on.
                unsafe { $heap.free_sized(block, layout.size()) }
            }

            fn allocate_zeroed(&mut $self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
                zeroed::allocate_zeroed($heap, layout)
            }

            unsafe fn resize_in_place(
                &mut $self,
                block: NonNull<u8>,
                _: Layout,
                new_size: usize,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: the caller's promise is passed on.
                unsafe { in_place::resize(block, new_size) }
            }

            unsafe fn grow(
                &mut $self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: the caller's promise is passed on.
                unsafe { resize::reallocate($heap, block, old, new, false) }
            }

            unsafe fn grow_zeroed(
                &mut $self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: as for `grow`.
                unsafe { resize::reallocate($heap, block, old, new, true) }
            }

            unsafe fn shrink(
                &mut $self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: as for `grow`.
                unsafe { resize::reallocate($heap, block, old, new, false) }
            }

            fn reclaims(&self) -> core_api::Reclaims {
                core_api::Reclaims::Everything
            }
        }

        // SAFETY: the usable size is that of the block's class, span or mapping.
        unsafe impl core_api::SizelessFree for $type {
            #[inline]
            unsafe fn free(&mut $self, block: NonNull<u8>) {
                // SAFETY: the caller's promise is passed on.
                unsafe { $heap.free(block) }
            }

            unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
                in_place::usable_size(block)
            }

            unsafe fn realloc(
                &mut $self,
                block: NonNull<u8>,
                new: Layout,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: the caller's promise is passed on.
                unsafe { resize::realloc($heap, block, new) }
            }
        }
    };
}

pub(crate) use allocator_on;
