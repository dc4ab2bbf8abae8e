//! Locates a block that a caller passed: its heap and class, its span, or its mapping.

use core::ptr::NonNull;

use core_api::Misuse;
use core_api::align::is_aligned;

use crate::hardened;
use crate::heap::HeapRef;
use crate::large::address_map::{self, Place};
use crate::layout::classes;
use crate::layout::units::{MAP_ENTRY, PAGE, PAGE_LOG2, UNIT_LOG2};
use crate::pages::page_map::{CACHED, FREE, GUARDED, LARGE};

/// The place of a block, as far as its address tells.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Located {
    /// In a slab of this class.
    InSlab { heap: HeapRef, class: usize },
    /// The first byte of a span that begins with this page, or in the hardened mode behind its guard.
    Large { heap: HeapRef, page: u32 },
    /// The first byte of this direct mapping.
    Direct(NonNull<[u8]>),
    /// In the hardened mode: a block between guards.
    Guarded(NonNull<[u8]>),
}

impl Located {
    /// Usable bytes of the block, which was located here.
    pub(crate) fn usable(self, block: NonNull<u8>) -> usize {
        match self {
            Self::InSlab { heap, class } => {
                let state = heap.state(heap.offset_of(block));
                state.size(classes::size_of(class))
            }
            Self::Large { heap, page } => {
                let state = heap.state(heap.offset_of(block));
                state.size(slot_of_large(heap, page, block))
            }
            Self::Direct(block) | Self::Guarded(block) => block.len(),
        }
    }

    /// All bytes of the block, by the allocator's own pointer. The caller's pointer may have provenance over fewer, if
    /// it went through a `Box` or a slice.
    pub(crate) fn whole(self, block: NonNull<u8>) -> NonNull<[u8]> {
        match self {
            Self::InSlab { heap, .. } | Self::Large { heap, .. } => {
                NonNull::slice_from_raw_parts(heap.at(heap.offset_of(block)), self.usable(block))
            }
            Self::Direct(block) | Self::Guarded(block) => block,
        }
    }
}

/// The bytes that a large block may have.
pub(crate) fn slot_of_large(heap: HeapRef, page: u32, block: NonNull<u8>) -> usize {
    let whole = heap.page_map().record(page as usize).len as usize * PAGE;
    let before = heap.offset_of(block) - ((page as usize) << PAGE_LOG2);
    // There is a guard on either side, or none.
    whole - 2 * before
}

/// Locates a block.
///
/// # Errors
///
/// The misuse, if the pointer cannot be a live block's.
pub(crate) fn locate(block: NonNull<u8>) -> Result<Located, Misuse> {
    let address = block.addr().get();
    let found = match address_map::find(address) {
        Some(Place::Heap(heap)) => in_heap(heap, heap.offset_of(block)),
        Some(Place::Direct(block)) if is_aligned(address, MAP_ENTRY) => Ok(Located::Direct(block)),
        _ => Err(Misuse::ForeignPointer),
    };
    found.or_else(|misuse| {
        hardened::find_guarded(block)
            .map(Located::Guarded)
            .ok_or(misuse)
    })
}

/// The heap and class of a block, if it lies in a slab.
#[inline]
pub(crate) fn in_slab(block: NonNull<u8>) -> Option<(HeapRef, usize)> {
    let Some(Place::Heap(heap)) = address_map::find(block.addr().get()) else {
        return None;
    };
    heap.class_of(block).map(|class| (heap, class))
}

#[inline]
fn in_heap(heap: HeapRef, offset: usize) -> Result<Located, Misuse> {
    if !heap.describes(offset) || !is_aligned(offset, 8) {
        return Err(Misuse::ForeignPointer);
    }
    let kind = heap.page_map().unit_kind(offset >> UNIT_LOG2);
    if let Some(class) = kind.class() {
        return Ok(Located::InSlab { heap, class });
    }
    match kind {
        LARGE if is_aligned(offset, PAGE) => Ok(Located::Large {
            heap,
            page: (offset >> PAGE_LOG2) as u32,
        }),
        GUARDED if is_aligned(offset, PAGE) => Ok(Located::Large {
            heap,
            page: (offset >> PAGE_LOG2) as u32 - 1,
        }),
        FREE | CACHED => Err(Misuse::DoubleFree),
        _ if heap.state(offset).is_freed() => Err(Misuse::DoubleFree),
        _ => Err(Misuse::ForeignPointer),
    }
}
