//! Large blocks: spans of a heap and mappings of their own, and finding any block by its address.
//!
//! Imports `giving_back`, `huge_pages`, `heap`, `pages`, `hardened`, `layout` and `os`.

pub(crate) mod address_map;
pub(crate) mod direct;
pub(crate) mod fresh;
pub(crate) mod locate;

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::is_aligned;

use crate::clock;
use crate::giving_back::collect;
use crate::heap::HeapRef;
use crate::heap::growth;
use crate::heap::owned::{MaybeOwned, Owned};
use crate::large::fresh::Fresh;
use crate::layout::units::{MAP_ENTRY, PAGE, PAGE_LOG2, REGION};
use crate::pages::page_map::LARGE;
use crate::pages::span::Span;

/// Larger blocks, and blocks of larger alignment, get a mapping of their own.
pub(crate) const SPAN_MAX: usize = 32 << 20;

/// Allocates whole pages for `layout`. A private heap uses only its own region, so that the block ends with it.
pub(crate) fn allocate(heap: Owned<'_>, layout: Layout) -> Option<Fresh> {
    if heap.shared().is_private() {
        return in_pages(heap, layout);
    }
    match layout.size().max(layout.align()) > SPAN_MAX {
        true => direct::map(layout).or_else(|| in_pages(heap, layout)),
        false => in_pages(heap, layout).or_else(|| direct::map(layout)),
    }
}

/// Allocates pages of the heap's region for `layout`.
pub(crate) fn in_pages(heap: Owned<'_>, layout: Layout) -> Option<Fresh> {
    // No region has more, or starts at a larger alignment than a map entry.
    if layout.size() > REGION || layout.align() > MAP_ENTRY {
        return None;
    }
    let pages = u32::try_from(layout.size().max(1).div_ceil(PAGE)).ok()?;
    let align = u32::try_from(layout.align().div_ceil(PAGE)).ok()?;
    let shared = heap.shared();
    let cached = shared.spans.with(|spans| spans.take_cached(pages, align));
    let span = cached.or_else(|| {
        collect::before_growth(heap, pages);
        shared.with_growing(|spans| spans.allocate_large(pages, align))
    });
    heap.has_grown();
    span.map(|span| fresh(heap.heap_ref(), span))
}

/// Allocates whole pages for a block that may grow, with the growth span behind it; `None` if no place has as many free
/// pages again behind the block.
#[cfg_attr(
    feature = "hardened",
    allow(dead_code, reason = "there the pages behind are a guard")
)]
pub(crate) fn growable(heap: Owned<'_>, size: usize) -> Option<Fresh> {
    let pages = u32::try_from(size.div_ceil(PAGE)).ok()?;
    let span = heap.take_growth(pages).or_else(|| {
        heap.release_spans();
        let spans = &heap.shared().spans;
        let [span, growth] = spans.with(|spans| spans.allocate_growable(pages, growth::MOST))?;
        heap.begin_growth(growth);
        Some(span)
    });
    span.map(|span| fresh(heap.heap_ref(), span))
}

/// The block in a span of this heap.
pub(crate) fn fresh(heap: HeapRef, span: Span) -> Fresh {
    Fresh {
        block: heap.at((span.page as usize) << PAGE_LOG2),
        len: span.len as usize * PAGE,
        is_zero: span.is_zero(),
    }
}

/// Takes a block of the same length from the owner's span cache.
pub(crate) fn cached(heap: MaybeOwned<'_>, layout: Layout) -> Option<Fresh> {
    if layout.align() > PAGE {
        return None;
    }
    let pages = u32::try_from(layout.size().div_ceil(PAGE)).ok()?;
    let span = heap.take_cached(pages)?;
    Some(fresh(heap.heap_ref(), span))
}

/// Frees a large block of this heap into the owner's span cache; `false` if the block is none.
///
/// # Safety
///
/// The caller frees the block.
pub(crate) unsafe fn cache(heap: MaybeOwned<'_>, block: NonNull<u8>) -> bool {
    let offset = heap.offset_of(block);
    let page = offset >> PAGE_LOG2;
    let is_ours =
        heap.describes(offset) && is_aligned(offset, PAGE) && heap.page_map().kind(page) == LARGE;
    if is_ours {
        // SAFETY: the empty heap describes no block.
        unsafe { heap.owned_unchecked() }.cache_span(page as u32);
    }
    is_ours
}

/// Frees the large block at `page` of `owner`. Any thread may: the spans have a lock.
pub(crate) fn free(owner: HeapRef, page: u32) {
    let now = clock::cached_now();
    let spans = &owner.shared().spans;
    spans.with(|spans| spans.free_large(page, now));
}
