//! Walks over a heap's blocks.

use core::ops::ControlFlow;

use core_api::{Block, BlockState, Corruption, Inspect};

use crate::front::global::ThreadCached;
use crate::front::handle::PrivateHeap;
use crate::hardened;
use crate::heap::HeapRef;
use crate::heap::all;
use crate::heap::owned::Owned;
use crate::large::direct;
use crate::observe::access::{is_free, mark_free, with_access};
use crate::observe::check;
use crate::observe::marks::Marks;
use crate::pages::page_map::LARGE;
use crate::small::runs;
use crate::small::slab::Slab;

impl Inspect for PrivateHeap {
    /// The region's metadata, as far as it is in use, counts as nothing: it is no part of the
    /// walk. O(pages of the heap + blocks).
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        walk(self.owned(), visit)
    }

    fn check(&self) -> Result<(), Corruption> {
        check::check(self.owned())
    }
}

impl Inspect for ThreadCached {
    /// The heaps one after the other, then the direct mappings. A heap that another thread has
    /// just now is walked by its slabs and spans only: a slab counts as one used block. `visit`
    /// must not allocate or free: locks are held.
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        for heap in all::heaps() {
            with_access(heap, |owned| match owned {
                Some(heap) => walk(heap, visit),
                None => walk_spans(heap, visit),
            })?;
        }
        let mapped = direct::mappings().chain(hardened::guarded_blocks());
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
        all::heaps().try_for_each(|heap| {
            with_access(heap, |owned| match owned {
                Some(heap) => check::check(heap),
                None => check::check_shared(heap),
            })
        })
    }
}

/// A block at an offset of the heap.
fn block(heap: HeapRef, offset: usize, size: usize, state: BlockState) -> Block {
    Block {
        address: heap.address() + offset,
        size,
        overhead: 0,
        state,
    }
}

fn used_if(is_used: bool) -> BlockState {
    if is_used {
        BlockState::Used
    } else {
        BlockState::Free
    }
}

fn walk_spans(heap: HeapRef, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
    let mut stopped = ControlFlow::Continue(());
    runs::each(heap, |run| {
        if stopped.is_continue() {
            let state = used_if(run.kind == LARGE || run.slab().is_some());
            stopped = visit(block(heap, run.offset, run.len, state));
        }
    });
    stopped
}

/// Visits every block of a heap.
pub(crate) fn walk(
    heap: Owned<'_>,
    visit: &mut dyn FnMut(Block) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let marks = mark_free(heap);
    let mut stopped = ControlFlow::Continue(());
    runs::each(heap.heap_ref(), |run| {
        if stopped.is_continue() {
            stopped = match run.slab() {
                Some(slab) => visit_slab(heap, marks, slab, visit),
                None => {
                    let state = used_if(run.kind == LARGE);
                    visit(block(heap.heap_ref(), run.offset, run.len, state))
                }
            };
        }
        marks.clear(run);
    });
    stopped
}

fn visit_slab(
    owned: Owned<'_>,
    marks: Marks<'_>,
    slab: Slab,
    visit: &mut dyn FnMut(Block) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let heap = owned.heap_ref();
    let carved_end = slab.offset + slab.n_carved(owned) * slab.size();
    for offset in slab.blocks().step_by(slab.size()) {
        let is_used = offset < carved_end && !is_free(heap, marks, offset);
        visit(block(heap, offset, slab.size(), used_if(is_used)))?;
    }
    let over = slab.end() - slab.blocks().end;
    if over > 0 {
        visit(block(heap, slab.blocks().end, over, BlockState::Metadata))?;
    }
    ControlFlow::Continue(())
}
