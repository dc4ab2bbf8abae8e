//! The contract that every stage, adapter and peer implements.

use core::alloc::Layout;
use core::fmt;
use core::ptr::NonNull;

use crate::resize::reallocate;

/// The error of a request that an allocator cannot serve: out of memory, or a size that the format cannot
/// represent.
///
/// After the error the allocator is as it was before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllocError;

impl fmt::Display for AllocError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory allocation failed")
    }
}

impl core::error::Error for AllocError {}

/// What an allocator can use again after [`Allocator::deallocate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reclaims {
    /// Nothing: no byte is handed out twice.
    Nothing,
    /// The most recent block, if the caller frees it before it allocates another.
    LastBlock,
    /// Every block, but only at its first size: blocks are reused whole.
    WholeBlocks,
    /// Every byte: after the last block is freed, one allocation of the maximal size succeeds.
    Everything,
}

/// Hands out blocks of memory and takes them back.
///
/// Terms used below:
///
/// - A block is *live* from the call that returned it until it is deallocated, moved by a
///   successful `grow` or `shrink`, or invalidated by a [`Reset`], or until the allocator is dropped.
/// - The last layout of a block is the one with which it was last allocated or resized. A layout *fits* a
///   live block if it has the last layout's alignment, and its size lies between the last layout's size and
///   the length returned then.
///
/// A request of size 0 counts as a request for one granule: it gets a distinct address.
///
/// # Beside the standard library's trait
///
/// [`core::alloc`] has a trait of the same name, today unstable, for the allocators of collections. The two stand side by
/// side:
///
/// | | this trait | the standard one, and `allocator-api2`'s |
/// |---|---|---|
/// | methods take | `&mut self`: an algorithm, which shares nothing | `&self`: a way to a shared allocator |
/// | implemented by | the heaps | [`Local`](crate::Local), [`Locked`](crate::Locked), [`Standard`](crate::adapters) and other adapters |
/// | resizes in place | on its own (`resize_in_place`) | only as a part of `grow` and `shrink` |
/// | clones | are no concern of it; see [`Handle`](crate::Handle) | are the same allocator |
///
/// An adapter goes from one to the other. Import only the one that a file needs, by its name: with both in scope a call
/// of `allocate` is ambiguous.
///
/// # Which methods to override
///
/// `allocate` and `deallocate` suffice for an allocator that finds the size of a block by itself, in
/// a header or a table, and that can reuse every freed byte. Every other allocator overrides more:
///
/// | provided method | what it does | override it |
/// |---|---|---|
/// | `resize_in_place` | shrinks by leaving the block as it is; does not grow | **always, if `deallocate` derives the block's size from the layout** |
/// | `reclaims` | returns [`Reclaims::Everything`] | **always, if that is not true** |
/// | `grow`, `shrink` | call `resize_in_place`, else allocate, copy, deallocate | if there is a cheaper way to move |
/// | `allocate_zeroed` | allocates and clears the whole block | if fresh memory is known to be zero |
/// | `grow_zeroed` | grows and clears all from `old.size()` on | if fresh memory is known to be zero |
///
/// The reason for the first row: after a shrink the caller frees the block with the *smaller* layout. An
/// allocator without a record of sizes then takes that many bytes back and loses the rest of the block.
/// Its `resize_in_place` must give the rest back at once, or fail.
///
/// An allocator's own `grow_zeroed` clears from `old.size()` on, not from the end of the old block: the
/// caller may have written to the whole block.
///
/// A **wrapper** forwards every method ([`forward_allocator!`](crate::forward_allocator)): the provided
/// ones know nothing of the inner allocator.
///
/// The test kit (`core_api::testing::Contract`) names a forgotten method.
///
/// # Safety
///
/// An implementation guarantees that every returned block
///
/// 1. has at least `layout.size()` bytes and starts at a multiple of `layout.align()`;
/// 2. is disjoint from every other live block;
/// 3. stays readable and writable while it is live, whatever happens to other blocks, and even if
///    the allocator value itself moves;
///
/// and that no method unwinds, allocates from the global allocator, or calls back into `self`.
pub unsafe trait Allocator {
    /// Returns a block for `layout`; its bytes are uninitialized.
    ///
    /// The slice may be longer than the request; the caller may use all of it.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if no block is large enough; the allocator is unchanged.
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError>;

    /// Frees a block.
    ///
    /// # Safety
    ///
    /// `block` is live in this allocator and `layout` fits it.
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout);

    /// Returns a block for `layout` whose usable bytes are all zero.
    ///
    /// # Errors
    ///
    /// As [`allocate`](Self::allocate).
    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let block = self.allocate(layout)?;
        // SAFETY: `allocate` returned the block just now; it has `block.len()` writable bytes.
        unsafe { block.cast::<u8>().write_bytes(0, block.len()) };
        Ok(block)
    }

    /// Resizes a block without moving it, and returns it with its usable bytes, at least `new_size`. From then
    /// on a layout of `new_size` and the old alignment fits the block.
    ///
    /// The provided method keeps all bytes of a block that shrinks, and does not grow a block. That is wrong
    /// for an allocator whose `deallocate` derives the size of the block from the layout: see
    /// [which methods to override](Self#which-methods-to-override).
    ///
    /// The returned pointer may access all of these bytes. The pointer `block` may have narrower provenance,
    /// because its owner may have narrowed it to the bytes of the earlier request.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if the block cannot reach `new_size` in place; the block is unchanged.
    ///
    /// # Safety
    ///
    /// `block` is live in this allocator, `old` fits it, and `new_size` rounded up to
    /// `old.align()` is at most `isize::MAX`.
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        if new_size <= old.size() {
            Ok(NonNull::slice_from_raw_parts(block, old.size()))
        } else {
            Err(AllocError)
        }
    }

    /// Grows a block and moves it if it must; keeps the first `old.size()` bytes.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no room; the old block is live and unchanged.
    ///
    /// # Safety
    ///
    /// `block` is live in this allocator, `old` fits it, and `new.size() >= old.size()`.
    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise includes the one that `reallocate` demands.
        unsafe { reallocate(self, block, old, new) }
    }

    /// As [`grow`](Self::grow); the usable bytes from `old.size()` on are zero.
    ///
    /// # Errors
    ///
    /// As [`grow`](Self::grow).
    ///
    /// # Safety
    ///
    /// As [`grow`](Self::grow).
    unsafe fn grow_zeroed(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        let grown = unsafe { self.grow(block, old, new)? };
        // SAFETY: the block has `grown.len()` writable bytes, and `old.size() <= new.size() <= grown.len()`.
        unsafe {
            let tail = grown.cast::<u8>().add(old.size());
            tail.write_bytes(0, grown.len() - old.size());
        }
        Ok(grown)
    }

    /// Shrinks a block and moves it if it must; keeps the first `new.size()` bytes.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if a new alignment needs a move and there is no room; the old block is
    /// live and unchanged.
    ///
    /// # Safety
    ///
    /// `block` is live in this allocator, `old` fits it, and `new.size() <= old.size()`.
    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise includes the one that `reallocate` demands.
        unsafe { reallocate(self, block, old, new) }
    }

    /// Returns what the allocator can reuse after frees. The provided method returns everything.
    ///
    /// A program that runs out of memory can say why; the test kit tests the answer.
    fn reclaims(&self) -> Reclaims {
        Reclaims::Everything
    }
}

/// Allocators that find a block's size from its address alone, as C's `free(ptr)` needs.
///
/// # Safety
///
/// `usable_size` never exceeds the bytes that belong to the block, and blocks from
/// [`Allocator::allocate`] may be passed to every method here.
pub unsafe trait SizelessFree: Allocator {
    /// Frees a block without its layout.
    ///
    /// # Safety
    ///
    /// `block` is live in this allocator.
    unsafe fn free(&mut self, block: NonNull<u8>);

    /// Returns the bytes of the block that the caller may use.
    ///
    /// # Safety
    ///
    /// `block` is live in this allocator.
    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize;

    /// Resizes a block without its old layout; `new.align()` is the alignment that a move keeps.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no room; the old block is live and unchanged.
    ///
    /// # Safety
    ///
    /// `block` is live in this allocator and `new.align()` divides its address.
    unsafe fn realloc(
        &mut self,
        block: NonNull<u8>,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError>;
}

/// Allocators that can forget all blocks allocated since a mark at once.
///
/// A handle to an allocator that other handles share must not implement this trait: `&mut self` would not
/// prove that no block is in use.
pub trait Reset {
    /// A point in the allocator's history.
    type Mark: Copy;

    /// Returns a mark for the present moment.
    fn mark(&self) -> Self::Mark;

    /// Frees every block that was allocated since `mark` was taken.
    ///
    /// # Safety
    ///
    /// `mark` comes from this allocator, and there was no `reset_to` an earlier mark in between. The caller
    /// uses no block again that was allocated, grown or resized since the mark.
    unsafe fn reset_to(&mut self, mark: Self::Mark);

    /// Frees every block.
    ///
    /// This is safe, because a caller with `&mut self` could drop the allocator as well. A collection borrows
    /// its allocator, so no collection is alive. A pointer from [`Allocator::allocate`] is dead from here on:
    /// an `unsafe` block that still uses it breaks its promise.
    fn reset(&mut self);
}

// SAFETY: every method calls the inner allocator's own.
unsafe impl<A: Allocator + ?Sized> Allocator for &mut A {
    crate::forward_allocator!(self => **self, **self);
}
