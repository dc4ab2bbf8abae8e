//! How much a heap checks before it frees or resizes a block: one knob for all heaps.
//!
//! | tier | spelling | a free | finds |
//! |---|---|---|---|
//! | none | `Checked<H, checks::None>` | trusts the caller | nothing |
//! | basic | `H`, or `Checked<H, checks::Basic>` | checks what it reads anyway, in constant time | most double frees and foreign pointers |
//! | full | `Checked<H>`, or `Checked<H, checks::Full>` | checks all that the heap's format allows | also overwritten neighbours, and resizes of blocks that are not live |
//!
//! `H` is a heap that implements [`CheckedFree`]. The tier is a type, so the tiers that a program does not use cost
//! nothing. A stage's README says what its format can show. Allocating costs the same in each tier.

use core::alloc::Layout;
use core::fmt;
use core::marker::PhantomData;
use core::ops::ControlFlow;
use core::ptr::NonNull;

use crate::{
    AllocError, Allocator, Block, Corruption, HeapStats, Inspect, Misuse, Reclaims, SizelessFree,
    fatal,
};

/// Heaps that can free a block with all checks or with none.
///
/// # Safety
///
/// [`examine`](Self::examine) reads nothing but the heap's own regions, whatever the address. If it returns `Ok` for a
/// block that is not live, the heap's format cannot show that mistake.
pub unsafe trait CheckedFree: Allocator {
    /// Frees a block without checking anything.
    ///
    /// # Safety
    ///
    /// `block` is live in this allocator and `layout` fits it.
    unsafe fn deallocate_unchecked(&mut self, block: NonNull<u8>, layout: Layout);

    /// Makes all checks that the heap's format allows: is `block` live, and does `layout` fit it, if its owner names
    /// one?
    ///
    /// # Errors
    ///
    /// The [`Misuse`] that the heap found.
    fn examine(&self, block: NonNull<u8>, layout: Option<Layout>) -> Result<(), Misuse>;
}

mod sealed {
    pub trait Sealed {
        const IS_NONE: bool = false;
        const IS_FULL: bool = false;
    }
}

/// A tier of checking: [`None`], [`Basic`] or [`Full`].
pub trait Tier: sealed::Sealed {}

/// Checks nothing: a mistake is undefined behaviour.
#[derive(Debug)]
pub enum None {}

/// Checks what a heap checks without [`Checked`].
#[derive(Debug)]
pub enum Basic {}

/// Checks all that the heap's format allows.
#[derive(Debug)]
pub enum Full {}

impl sealed::Sealed for None {
    const IS_NONE: bool = true;
}
impl sealed::Sealed for Basic {}
impl sealed::Sealed for Full {
    const IS_FULL: bool = true;
}
impl Tier for None {}
impl Tier for Basic {}
impl Tier for Full {}

/// A heap that checks as much as the tier `T` says before it frees or resizes a block.
///
/// After a mistake that a check finds, the process ends as [`fatal`](crate::fatal()) says.
///
/// ```
/// use core_api::{Checked, CheckedFree, checks};
///
/// /// A heap for development, and the same heap where every instruction counts.
/// struct Pair<H: CheckedFree>(Checked<H>, Checked<H, checks::None>);
/// ```
pub struct Checked<H, T: Tier = Full> {
    heap: H,
    tier: PhantomData<T>,
}

impl<H: CheckedFree, T: Tier> Checked<H, T> {
    /// Wraps `heap`, which may have live blocks.
    pub const fn new(heap: H) -> Self {
        Self {
            heap,
            tier: PhantomData,
        }
    }

    /// Returns the heap.
    pub const fn heap(&self) -> &H {
        &self.heap
    }

    /// Ends the process if the tier checks resizes and `block` is not live.
    #[inline]
    fn ensure(&self, block: NonNull<u8>, layout: Option<Layout>) {
        if T::IS_FULL
            && let Err(misuse) = self.heap.examine(block, layout)
        {
            fatal(misuse)
        }
    }
}

// SAFETY: every method calls the heap's own, after a check that changes nothing.
unsafe impl<H: CheckedFree, T: Tier> Allocator for Checked<H, T> {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.heap.allocate(layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is passed on; the full tier checks most of it.
        unsafe {
            if T::IS_NONE || T::IS_FULL {
                self.ensure(block, Some(layout));
                self.heap.deallocate_unchecked(block, layout)
            } else {
                self.heap.deallocate(block, layout)
            }
        }
    }

    #[inline]
    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.heap.allocate_zeroed(layout)
    }

    #[inline]
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.ensure(block, Some(old));
        // SAFETY: the caller's promise is passed on.
        unsafe { self.heap.resize_in_place(block, old, new_size) }
    }

    #[inline]
    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.ensure(block, Some(old));
        // SAFETY: the caller's promise is passed on.
        unsafe { self.heap.grow(block, old, new) }
    }

    #[inline]
    unsafe fn grow_zeroed(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.ensure(block, Some(old));
        // SAFETY: the caller's promise is passed on.
        unsafe { self.heap.grow_zeroed(block, old, new) }
    }

    #[inline]
    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.ensure(block, Some(old));
        // SAFETY: the caller's promise is passed on.
        unsafe { self.heap.shrink(block, old, new) }
    }

    fn reclaims(&self) -> Reclaims {
        self.heap.reclaims()
    }
}

// SAFETY: every method calls the heap's own, after a check that changes nothing.
unsafe impl<H: CheckedFree + SizelessFree, T: Tier> SizelessFree for Checked<H, T> {
    #[inline]
    unsafe fn free(&mut self, block: NonNull<u8>) {
        self.ensure(block, Option::None);
        // SAFETY: the caller's promise is passed on. A heap that needs no layout ignores the alignment.
        unsafe {
            if T::IS_NONE
                && let Ok(layout) = Layout::from_size_align(self.heap.usable_size(block), 1)
            {
                self.heap.deallocate_unchecked(block, layout)
            } else {
                self.heap.free(block)
            }
        }
    }

    #[inline]
    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.heap.usable_size(block) }
    }

    unsafe fn realloc(
        &mut self,
        block: NonNull<u8>,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.ensure(block, Option::None);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.heap.realloc(block, new) }
    }
}

impl<H: Inspect, T: Tier> Inspect for Checked<H, T> {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        self.heap.walk(visit)
    }

    fn check(&self) -> Result<(), Corruption> {
        self.heap.check()
    }

    fn stats(&self) -> HeapStats {
        self.heap.stats()
    }
}

impl<H: fmt::Debug, T: Tier> fmt::Debug for Checked<H, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Checked").field(&self.heap).finish()
    }
}
