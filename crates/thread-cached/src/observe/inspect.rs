//! Walks over a heap's blocks.

use core::ops::ControlFlow;

use core_api::{Block, BlockState, Corruption, Inspect};

use crate::front::global::ThreadCached;
use crate::front::handle::PrivateHeap;
use crate::hardened::{self, State};
use crate::heap::HeapRef;
use crate::heap::all;
use crate::heap::classes::CLASS_END;
use crate::large::direct;
use crate::lifecycle::current::current;
use crate::observe::check;
use crate::observe::marks::Marks;
use crate::pages::page_map::LARGE;
use crate::small::runs;
use crate::small::slab::Slab;
use crate::small::slabs;

impl Inspect for PrivateHeap {
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
        for heap in all::heaps() {
            with_access(heap, |is_ours| match is_ours {
                true => walk(heap, visit),
                false => walk_spans(heap, visit),
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
            with_access(heap, |is_ours| match is_ours {
                true => check::check(heap),
                false => check::check_shared(heap),
            })
        })
    }
}

/// Calls `look` while no other thread can adopt the heap. Its argument tells whether the lists may be read.
pub(crate) fn with_access<T>(heap: HeapRef, look: impl FnOnce(bool) -> T) -> T {
    let adopted = heap.shared().ownership.adopt();
    let result = look(adopted || heap == current());
    if adopted {
        heap.shared().ownership.abandon();
    }
    result
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

/// Visits every block of a heap that the calling thread owns.
pub(crate) fn walk(
    heap: HeapRef,
    visit: &mut dyn FnMut(Block) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let marks = mark_free(heap);
    let mut stopped = ControlFlow::Continue(());
    runs::each(heap, |run| {
        if stopped.is_continue() {
            stopped = match run.slab() {
                Some(slab) => visit_slab(heap, marks, slab, visit),
                None => visit(block(heap, run.offset, run.len, used_if(run.kind == LARGE))),
            };
        }
        marks.clear(run);
    });
    stopped
}

/// Marks the blocks of the magazines, of the remote free lists and of the slabs' records.
pub(crate) fn mark_free(heap: HeapRef) -> Marks {
    let marks = Marks::of(heap);
    for class in 1..CLASS_END {
        marks.mark(class, heap.list(class).get());
        marks.mark(class, heap.magazines.reserve(class));
        marks.mark(class, heap.shared().remote_list(class).peek());
    }
    runs::each(heap, |run| {
        if let Some(slab) = run.slab() {
            marks.mark(slab.class, slabs::waiting(heap, slab.record(&heap)));
        }
    });
    marks
}

/// Whether the block at an offset is free: listed, sent, or in the hardened mode in quarantine.
pub(crate) fn is_free(heap: HeapRef, marks: Marks, offset: usize) -> bool {
    marks.is_set(offset) || cfg!(feature = "hardened") && State::of(heap, offset).is_freed()
}

fn visit_slab(
    heap: HeapRef,
    marks: Marks,
    slab: Slab,
    visit: &mut dyn FnMut(Block) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let carved_end = slab.offset + slab.n_carved(heap) * slab.size();
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
