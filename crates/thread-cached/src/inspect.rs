//! The walk over a heap's blocks.

use core::ops::ControlFlow;

use core_api::{Block, BlockState, Corruption, Inspect};

use crate::address_map;
use crate::check;
use crate::classes;
use crate::global::ThreadCached;
use crate::handle::Heap;
use crate::hardened::{self, State};
use crate::heap::HeapRef;
use crate::marks::Marks;
use crate::page_map::{LARGE, class_of};
use crate::primitive::current;
use crate::region::{PAGE, PAGE_LOG2};
use crate::registry;

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

impl Inspect for ThreadCached {
    /// The heaps one after the other, then the direct mappings. A heap that another thread has
    /// just now is walked by its slabs and spans only: a slab counts as one used block. `visit`
    /// must not allocate or free: locks are held.
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        for heap in registry::heaps() {
            with_access(heap, |is_ours| match is_ours {
                true => walk(heap, visit),
                false => walk_spans(heap, visit),
            })?;
        }
        let mapped = address_map::direct_mappings().chain(hardened::guarded_blocks());
        for (address, size) in mapped {
            visit(Block {
                address,
                size,
                overhead: 0,
                state: BlockState::Used,
            })?;
        }
        ControlFlow::Continue(())
    }

    /// All invariants of the calling thread's heap and of those that no thread has; of the others
    /// those that hold under the span lock (I1, I2, I4, I5).
    fn check(&self) -> Result<(), Corruption> {
        registry::heaps().try_for_each(|heap| {
            with_access(heap, |is_ours| match is_ours {
                true => check::check(heap),
                false => check::check_shared(heap),
            })
        })
    }
}

/// Calls `look` while nobody else can get the heap, with whether its lists may be looked at.
pub(crate) fn with_access<T>(heap: HeapRef, look: impl FnOnce(bool) -> T) -> T {
    let adopted = heap.shared().ownership.adopt();
    let result = look(adopted || heap == current());
    if adopted {
        heap.shared().ownership.abandon();
    }
    result
}

fn walk_spans(heap: HeapRef, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
    let mut stopped = ControlFlow::Continue(());
    each_span(heap, |page, kind, n_pages| {
        let is_used = kind == LARGE || class_of(kind).is_some();
        if stopped.is_continue() {
            stopped = visit(Block {
                address: heap.address() + (page << PAGE_LOG2),
                size: n_pages * PAGE,
                overhead: 0,
                state: if is_used {
                    BlockState::Used
                } else {
                    BlockState::Free
                },
            });
        }
    });
    stopped
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

/// What the spans say of themselves after all of them were visited.
pub(crate) struct Extent {
    /// The page behind the last one visited.
    pub(crate) end: usize,
    pub(crate) top: usize,
    /// Pages in bins.
    pub(crate) n_free: usize,
    pub(crate) has_sound_bins: bool,
}

/// Calls `visit` with the first page, the kind and the length of every slab and span, in order,
/// with the span lock held.
pub(crate) fn each_span(heap: HeapRef, mut visit: impl FnMut(usize, u8, usize)) -> Extent {
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
        Extent {
            end: page,
            top: spans.top() as usize,
            n_free: spans.n_free() as usize,
            has_sound_bins: spans.bins_are_sound(),
        }
    })
}

/// Whether the block at an offset is free: listed, sent, or in the hardened mode in quarantine.
pub(crate) fn is_free(heap: HeapRef, marks: Marks, offset: usize) -> bool {
    marks.is_set(offset) || cfg!(feature = "hardened") && State::of(heap, offset).is_freed()
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
        let state = if is_free(heap, marks, offset) {
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
