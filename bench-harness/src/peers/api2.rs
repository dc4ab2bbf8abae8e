//! Arenas that implement `allocator_api2`'s trait, or whose references do.

use std::alloc::Layout;
use std::ptr::NonNull;

use allocator_api2::alloc::Allocator;
use core_api::Reclaims;

use super::Foreign;

/// An arena whose last block can be freed and resized.
#[derive(Debug)]
pub struct Api2<A>(pub A);

// SAFETY: `allocator_api2` promises what our `Allocator` asks; the arenas' chunks do not move with
// them.
unsafe impl<A> Foreign for Api2<A>
where
    for<'a> &'a A: Allocator,
{
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        (&self.0).allocate(layout).ok().map(NonNull::cast)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated with this layout.
        unsafe { (&self.0).deallocate(block, layout) }
    }

    #[inline]
    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the block was allocated with layout `old`; which way it goes is looked up.
        let resized = unsafe {
            match new.size() >= old.size() {
                true => (&self.0).grow(block, old, new),
                false => (&self.0).shrink(block, old, new),
            }
        };
        resized.ok().map(NonNull::cast)
    }

    fn reclaims(&self) -> Reclaims {
        Reclaims::LastBlock
    }
}
