//! An allocator behind one type.
//!
//! The timed loops are compiled for each allocator on its own. What is not timed runs on an [`Erased`]
//! and is compiled once, because a copy for each of forty allocators takes long to build.

use std::ops::ControlFlow;

use core_api::{Allocator, Block, Corruption, Inspect};

/// An allocator whose type is forgotten.
pub(crate) struct Erased(Box<dyn Heap>);

/// How an allocator is looked into; `None` if it cannot be walked.
pub(crate) type Look<A> = Option<fn(&A) -> &dyn Inspect>;

impl Erased {
    /// Forgets the type of `allocator`, which `look` looks into.
    pub(crate) fn new<A: Allocator + 'static>(allocator: A, look: Look<A>) -> Self {
        Self(Box::new(Looked { allocator, look }))
    }

    /// The allocator's blocks, if it can be walked.
    pub(crate) fn inspect(&self) -> Option<&dyn Inspect> {
        self.0.inspect()
    }
}

// SAFETY: every method is the inner allocator's own; the box does not move it.
unsafe impl Allocator for Erased {
    core_api::forward_allocator!(self => *self.0, *self.0);
}

/// One that cannot be walked shows no blocks: ask [`Erased::inspect`] first.
impl Inspect for Erased {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        let heap = self.inspect();
        heap.map_or(ControlFlow::Continue(()), |heap| heap.walk(visit))
    }

    fn check(&self) -> Result<(), Corruption> {
        self.inspect().map_or(Ok(()), Inspect::check)
    }
}

trait Heap: Allocator {
    fn inspect(&self) -> Option<&dyn Inspect>;
}

struct Looked<A> {
    allocator: A,
    look: Look<A>,
}

// SAFETY: every method is the inner allocator's own.
unsafe impl<A: Allocator> Allocator for Looked<A> {
    core_api::forward_allocator!(self => self.allocator, self.allocator);
}

impl<A: Allocator> Heap for Looked<A> {
    fn inspect(&self) -> Option<&dyn Inspect> {
        self.look.map(|look| look(&self.allocator))
    }
}
