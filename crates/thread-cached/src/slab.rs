//! Slabs: a few pages cut into blocks of one class.

use core::ptr::{NonNull, null_mut};

use crate::classes;
use crate::heap::HeapRef;
use crate::link;
use crate::page_map::{NONE, slab_of};
use crate::region::PAGE_LOG2;
use crate::spans::{Span, Spans};
use crate::sweep;
use crate::tidy;

/// A block of `class`, whose list may be empty: what other threads freed, else a new slab.
///
/// The calling thread owns the heap.
pub(crate) fn refill(heap: HeapRef, class: usize) -> Option<NonNull<u8>> {
    pop(heap, class)
        .or_else(|| {
            heap.list(class)
                .set(heap.shared().inbox(class).take()?.as_ptr());
            pop(heap, class)
        })
        .or_else(|| {
            let pages = classes::slab_pages(class) as u32;
            if sweep::before_growth(heap, pages) {
                pop(heap, class).or_else(|| Some(carve(heap, span(heap, class)?, class)))
            } else {
                Some(carve(heap, span(heap, class)?, class))
            }
        })
}

/// The first block of the list.
pub(crate) fn pop(heap: HeapRef, class: usize) -> Option<NonNull<u8>> {
    let list = heap.list(class);
    let block = NonNull::new(list.get())?;
    // SAFETY: a listed block is free and linked (I3).
    list.set(unsafe { link::read(block) });
    Some(block)
}

/// The pages of a new slab.
fn span(heap: HeapRef, class: usize) -> Option<Span> {
    let len = classes::slab_pages(class) as u32;
    let span = heap.shared().spans.with(|spans| {
        let span = spans.allocate(len, 1)?;
        // With the lock held, because a walk may be under way.
        let map = heap.page_map();
        map.set_kinds(span.page as usize, len as usize, slab_of(class));
        Some(span)
    })?;
    heap.rhythm.slabs_grew(len as usize);
    Some(span)
}

/// Cuts the pages into blocks by bumping: the first is returned, the others are listed.
fn carve(heap: HeapRef, span: Span, class: usize) -> NonNull<u8> {
    let size = classes::size_of(class);
    let first = (span.page as usize) << PAGE_LOG2;
    let end = first + classes::slab_blocks(class) * size;
    let mut next = null_mut();
    for offset in (first..end).step_by(size).skip(1).rev() {
        let block = heap.at(offset);
        // SAFETY: the slab is new, so that nobody has its blocks.
        unsafe { link::write(block, next) };
        next = block.as_ptr();
    }
    heap.list(class).set(next);
    heap.at(first)
}

/// Gives a slab's pages back, none of whose blocks is used or listed. Returns the free span that
/// they are in.
pub(crate) fn release(heap: HeapRef, spans: &mut Spans, page: usize, class: usize) -> Span {
    let len = classes::slab_pages(class);
    heap.page_map().set_kinds(page, len, NONE);
    spans.free(Span {
        page: page as u32,
        len: len as u32,
        since: tidy::lately(),
    })
}
