//! Slabs: a few pages, or a part of one, cut into blocks of one class.

use core::cell::Cell;
use core::ops::Range;
use core::ptr::{NonNull, null_mut};

use crate::classes;
use crate::heap::HeapRef;
use crate::huge_pages;
use crate::link;
use crate::nursery;
use crate::page_map::{NONE, slab_of};
use crate::region::{PAGE, PAGE_LOG2, UNIT_LOG2};
use crate::spans::{Span, Spans};
use crate::sweep;
use crate::tidy;

/// Where a slab lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slab {
    /// Its first byte, from the region's start.
    pub(crate) offset: usize,
    pub(crate) class: usize,
    /// Bytes.
    pub(crate) len: usize,
}

/// Bytes of a slab, as offsets, of which no block was cut yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uncut {
    next: usize,
    end: usize,
}

impl Uncut {
    pub(crate) const NONE: Self = Self { next: 0, end: 0 };
}

impl Slab {
    pub(crate) const fn new(offset: usize, class: usize, len: usize) -> Self {
        Self { offset, class, len }
    }

    /// Bytes of a block.
    pub(crate) const fn size(self) -> usize {
        classes::size_of(self.class)
    }

    pub(crate) const fn n_blocks(self) -> usize {
        self.len / self.size()
    }

    /// Where the blocks lie.
    pub(crate) const fn blocks(self) -> Range<usize> {
        self.offset..self.offset + self.n_blocks() * self.size()
    }

    pub(crate) const fn end(self) -> usize {
        self.offset + self.len
    }

    pub(crate) const fn units(self) -> Range<usize> {
        self.offset >> UNIT_LOG2..self.end() >> UNIT_LOG2
    }

    /// Number of blocks that were cut.
    pub(crate) fn n_cut(self, heap: HeapRef) -> usize {
        match heap.uncut(self.class).map(Cell::get) {
            Some(uncut) if uncut.end == self.blocks().end => {
                (uncut.next - self.offset) / self.size()
            }
            _ => self.n_blocks(),
        }
    }
}

/// A block of `class`, whose list may be empty: what other threads freed, else what is uncut, else
/// of a new slab.
///
/// The calling thread owns the heap.
pub(crate) fn refill(heap: HeapRef, class: usize) -> Option<NonNull<u8>> {
    let refill = || {
        pop(heap, class)
            .or_else(|| collect(heap, class))
            .or_else(|| cut_more(heap, class))
    };
    refill().or_else(|| {
        let swept = sweep::before_growth(heap, classes::slab_pages(class) as u32);
        let found = if swept { refill() } else { None };
        found.or_else(|| Some(cut(heap, class, new_slab(heap, class)?.blocks())))
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

/// What other threads freed becomes the list; its first block.
fn collect(heap: HeapRef, class: usize) -> Option<NonNull<u8>> {
    let sent = heap.shared().inbox(class).take()?;
    heap.list(class).set(sent.as_ptr());
    pop(heap, class)
}

fn new_slab(heap: HeapRef, class: usize) -> Option<Slab> {
    let slab = heap.shared().spans.with(|spans| {
        let slab = nursery::take(heap, spans, class).or_else(|| in_pages(spans, class))?;
        // With the lock held, because a walk may be under way.
        heap.page_map().set_unit_kinds(slab.units(), slab_of(class));
        Some(slab)
    })?;
    heap.has_grown();
    heap.rhythm.slabs_grew(slab.len);
    let [first, end] = [slab.offset, slab.end()].map(|offset| (offset >> PAGE_LOG2) as u32);
    huge_pages::after_growth(heap, first, end);
    Some(slab)
}

fn in_pages(spans: &mut Spans, class: usize) -> Option<Slab> {
    let n_pages = classes::slab_pages(class);
    let span = spans.allocate(n_pages as u32, 1)?;
    Some(Slab::new(
        (span.page as usize) << PAGE_LOG2,
        class,
        n_pages * PAGE,
    ))
}

fn cut_more(heap: HeapRef, class: usize) -> Option<NonNull<u8>> {
    let Uncut { next, end } = heap.uncut(class)?.get();
    (next < end).then(|| cut(heap, class, next..end))
}

/// Cuts blocks from bytes that are nobody's: the first is returned, the others are listed, no more
/// than begin in a page, so that none is touched for blocks that may never be asked for.
fn cut(heap: HeapRef, class: usize, bytes: Range<usize>) -> NonNull<u8> {
    let size = classes::size_of(class);
    let n = (PAGE / size).max(1);
    let end = bytes.end.min(bytes.start + n * size);
    let mut next = null_mut();
    for offset in (bytes.start..end).step_by(size).skip(1).rev() {
        let block = heap.at(offset);
        // SAFETY: nobody has these bytes.
        unsafe { link::write(block, next) };
        next = block.as_ptr();
    }
    heap.list(class).set(next);
    if let Some(uncut) = heap.uncut(class) {
        uncut.set(Uncut {
            next: end,
            end: bytes.end,
        });
    }
    heap.at(bytes.start)
}

/// Gives a slab's bytes back, none of whose blocks is used or listed. Returns where the run that
/// they are in ends.
pub(crate) fn release(heap: HeapRef, spans: &mut Spans, slab: Slab, is_small: bool) -> usize {
    if slab.n_cut(heap) < slab.n_blocks()
        && let Some(uncut) = heap.uncut(slab.class)
    {
        uncut.set(Uncut::NONE);
    }
    heap.page_map().set_unit_kinds(slab.units(), NONE);
    if is_small {
        return slab.end();
    }
    let whole = spans.free(Span {
        page: (slab.offset >> PAGE_LOG2) as u32,
        len: (slab.len >> PAGE_LOG2) as u32,
        since: tidy::lately(),
    });
    (whole.end() as usize) << PAGE_LOG2
}
