//! The walk over a heap's blocks.

use core::ops::ControlFlow;

use core_api::{Block, BlockState, Corruption, Inspect};

use crate::check;
use crate::classes;
use crate::handle::Heap;
use crate::heap::HeapRef;
use crate::marks::Marks;
use crate::page_map::{LARGE, class_of};
use crate::region::{PAGE, PAGE_LOG2};

impl Inspect for Heap {
    /// The region's metadata, as far as it is in use, counts as nothing: it is no part of the
    /// walk. O(pages of the heap + blocks).
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        walk(self.inner(), visit)
    }

    fn check(&self) -> Result<(), Corruption> {
        check::check(self.inner())
    }
}

/// Visits every block of a heap that the calling thread owns.
pub(crate) fn walk(
    heap: HeapRef,
    visit: &mut dyn FnMut(Block) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let marks = mark_free(heap);
    let mut stopped = ControlFlow::Continue(());
    each_span(heap, |page, kind, n_pages| {
        if stopped.is_continue() {
            stopped = visit_span(heap, marks, page, kind, n_pages, visit);
        }
        marks.clear(page, n_pages);
    });
    stopped
}

/// Marks what the owner has listed and what others have sent.
pub(crate) fn mark_free(heap: HeapRef) -> Marks {
    let marks = Marks::of(heap);
    marks.mark(|class| [heap.list(class).get(), heap.shared().inbox(class).peek()]);
    marks
}

/// Calls `visit` with the first page, the kind and the length of every slab and span, in order.
pub(crate) fn each_span(heap: HeapRef, mut visit: impl FnMut(usize, u8, usize)) {
    let map = heap.page_map();
    heap.shared().spans.with(|spans| {
        let mut page = spans.first() as usize;
        while page < spans.top() as usize {
            let kind = map.kind(page);
            let n_pages = match class_of(kind) {
                Some(class) => classes::slab_pages(class),
                None => (spans.len_at(page as u32) as usize).max(1),
            };
            visit(page, kind, n_pages);
            page += n_pages;
        }
    });
}

fn visit_span(
    heap: HeapRef,
    marks: Marks,
    page: usize,
    kind: u8,
    n_pages: usize,
    visit: &mut dyn FnMut(Block) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let start = page << PAGE_LOG2;
    let block = |offset: usize, size, state| Block {
        address: heap.address() + offset,
        size,
        overhead: 0,
        state,
    };
    let Some(class) = class_of(kind) else {
        let state = if kind == LARGE {
            BlockState::Used
        } else {
            BlockState::Free
        };
        return visit(block(start, n_pages * PAGE, state));
    };
    let size = classes::size_of(class);
    let end = start + classes::slab_blocks(class) * size;
    for offset in (start..end).step_by(size) {
        let state = if marks.is_set(offset) {
            BlockState::Free
        } else {
            BlockState::Used
        };
        visit(block(offset, size, state))?;
    }
    let over = start + n_pages * PAGE - end;
    if over > 0 {
        visit(block(end, over, BlockState::Metadata))?;
    }
    ControlFlow::Continue(())
}
