//! Who takes part.

use std::alloc::Layout;
use std::ptr::NonNull;

use blink_alloc::BlinkAlloc;
use bump::Bump;
use bump_scope::BaseAllocator;
use bump_scope::settings::{BumpAllocatorSettings, BumpSettings};
use bump_scope::traits::BumpAllocatorTyped as _;
use core_api::{Fixed, Region};
use serde::{Deserialize, Serialize};

use crate::peers::OneChunk;

/// An arena, or what arenas are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Arena {
    /// Stage 1.
    Bump,
    /// bumpalo as it comes.
    Bumpalo,
    /// bumpalo with blocks at multiples of eight, as stage 1 has them.
    #[value(name = "bumpalo-8")]
    #[serde(rename = "bumpalo-8")]
    Bumpalo8,
    /// bump-scope, upwards, with blocks at multiples of eight.
    BumpScope,
    /// The same downwards.
    BumpScopeDown,
    /// blink-alloc.
    Blink,
    /// A pointer that moves and is never compared with the end.
    Floor,
    /// The loop alone: the same block each time.
    Nothing,
}

impl Arena {
    /// Whether it is by others.
    pub fn is_peer(self) -> bool {
        !matches!(self, Self::Bump | Self::Floor | Self::Nothing)
    }
}

/// What the loop calls.
pub(super) trait Allocate {
    /// A block for a `T`; `None` if the arena is full.
    fn allocate<T>(&mut self) -> Option<NonNull<u8>>;

    /// Takes all blocks back.
    ///
    /// # Safety
    ///
    /// No block is used again.
    unsafe fn reset(&mut self);
}

impl Allocate for Bump<Fixed> {
    #[inline]
    fn allocate<T>(&mut self) -> Option<NonNull<u8>> {
        let block = core_api::Allocator::allocate(self, Layout::new::<T>());
        block.ok().map(NonNull::cast)
    }

    unsafe fn reset(&mut self) {
        core_api::Reset::reset(self);
    }
}

impl<const MIN_ALIGN: usize> Allocate for bumpalo::Bump<MIN_ALIGN> {
    #[inline]
    fn allocate<T>(&mut self) -> Option<NonNull<u8>> {
        self.try_alloc_layout(Layout::new::<T>()).ok()
    }

    unsafe fn reset(&mut self) {
        bumpalo::Bump::reset(self);
    }
}

type ScopeUp = bump_scope::Bump<OneChunk, BumpSettings<8, true, false>>;
type ScopeDown = bump_scope::Bump<OneChunk, BumpSettings<8, false, false>>;

/// A bump-scope arena on `region`, upwards, with blocks at multiples of eight.
pub(super) fn scope_up(region: Region) -> ScopeUp {
    let arena = ScopeUp::try_with_size_in(region.len(), OneChunk::new(region));
    arena.unwrap_or_else(|_| ScopeUp::unallocated())
}

/// The same downwards.
pub(super) fn scope_down(region: Region) -> ScopeDown {
    let arena = ScopeDown::try_with_size_in(region.len(), OneChunk::new(region));
    arena.unwrap_or_else(|_| ScopeDown::unallocated())
}

impl<S: BumpAllocatorSettings> Allocate for bump_scope::Bump<OneChunk, S>
where
    OneChunk: BaseAllocator<S::GuaranteedAllocated>,
{
    #[inline]
    fn allocate<T>(&mut self) -> Option<NonNull<u8>> {
        self.try_allocate_sized::<T>().ok().map(NonNull::cast)
    }

    unsafe fn reset(&mut self) {
        bump_scope::Bump::reset(self);
    }
}

impl Allocate for BlinkAlloc<OneChunk> {
    #[inline]
    fn allocate<T>(&mut self) -> Option<NonNull<u8>> {
        let block = BlinkAlloc::allocate(self, Layout::new::<T>());
        block.ok().map(NonNull::cast)
    }

    unsafe fn reset(&mut self) {
        BlinkAlloc::reset(self);
    }
}

/// A pointer that moves.
pub(super) struct Floor {
    cursor: NonNull<u8>,
    start: NonNull<u8>,
}

impl Floor {
    /// At the start of `region`, which nobody compares it with: a pass has to fit.
    pub(super) fn new(region: Region) -> Self {
        let start = region.base();
        Self {
            cursor: start,
            start,
        }
    }
}

impl Allocate for Floor {
    #[inline]
    fn allocate<T>(&mut self) -> Option<NonNull<u8>> {
        let block = self.cursor;
        let next = block.as_ptr().wrapping_add(size_of::<T>());
        // SAFETY: a region does not end at the last address.
        self.cursor = unsafe { NonNull::new_unchecked(next) };
        Some(block)
    }

    unsafe fn reset(&mut self) {
        self.cursor = self.start;
    }
}

/// The loop alone.
pub(super) struct Nothing;

impl Allocate for Nothing {
    #[inline]
    fn allocate<T>(&mut self) -> Option<NonNull<u8>> {
        Some(NonNull::<T>::dangling().cast())
    }

    unsafe fn reset(&mut self) {}
}
