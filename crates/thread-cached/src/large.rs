//! Blocks that have their pages for themselves: a span of the heap, or a mapping of their own.

use core::alloc::Layout;
use core::ptr::NonNull;

use crate::direct;
use crate::heap::HeapRef;
use crate::region::{GRANULE, PAGE, PAGE_LOG2, REGION};
use crate::spans::Span;
use crate::sweep;
use crate::tidy;

/// Larger blocks, and blocks of larger alignment, get a mapping of their own.
pub(crate) const SPAN_MAX: usize = 32 << 20;

/// A block that was allocated just now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fresh {
    pub(crate) block: NonNull<u8>,
    /// Usable bytes.
    pub(crate) len: usize,
    /// Whether all of them are known to be zero.
    pub(crate) is_zero: bool,
}

/// Whole pages for `layout`. A private heap has none but its own, so that they end with it.
///
/// The calling thread owns the heap.
pub(crate) fn allocate(heap: HeapRef, layout: Layout) -> Option<Fresh> {
    if heap.shared().is_private() {
        return in_pages(heap, layout);
    }
    match layout.size().max(layout.align()) > SPAN_MAX {
        true => direct::map(layout).or_else(|| in_pages(heap, layout)),
        false => in_pages(heap, layout).or_else(|| direct::map(layout)),
    }
}

/// Pages of the heap's region for `layout`.
///
/// The calling thread owns the heap.
pub(crate) fn in_pages(heap: HeapRef, layout: Layout) -> Option<Fresh> {
    // No region has more, or starts at more than a granule.
    if layout.size() > REGION || layout.align() > GRANULE {
        return None;
    }
    let pages = u32::try_from(layout.size().max(1).div_ceil(PAGE)).ok()?;
    let align = u32::try_from(layout.align().div_ceil(PAGE)).ok()?;
    let recent = match align {
        1 => heap.recent.take(heap, pages),
        _ => None,
    };
    let span = recent.or_else(|| in_new_pages(heap, pages, align))?;
    Some(Fresh {
        block: heap.at((span.page as usize) << PAGE_LOG2),
        len: span.len as usize * PAGE,
        is_zero: span.is_zero(),
    })
}

fn in_new_pages(heap: HeapRef, pages: u32, align: u32) -> Option<Span> {
    sweep::before_growth(heap, pages);
    let spans = &heap.shared().spans;
    spans.with(|spans| spans.allocate_large(pages, align))
}

/// Takes the block at `page` of `owner` back. Any thread may: the spans have a lock.
///
/// The calling thread owns `heap`, or has none.
pub(crate) fn free(heap: HeapRef, owner: HeapRef, page: u32) {
    if heap == owner && heap.recent.keep(heap, page) {
        return;
    }
    let now = tidy::lately();
    let spans = &owner.shared().spans;
    spans.with(|spans| spans.free_large(page, now));
}
