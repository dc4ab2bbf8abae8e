//! The map of a heap that cannot be inspected: what its callers hold.

use core::ops::ControlFlow;
use std::format;
use std::string::String;

use super::Shadow;
use crate::{Block, BlockState, Corruption, HeapMap, Inspect};

/// Draws the region with its live blocks; `None` if the allocator has its own memory.
pub(super) fn map(shadow: &Shadow) -> Option<String> {
    shadow.bounds()?;
    let model = Model(shadow);
    let map = HeapMap::new(&model, 100);
    let note = "the heap as its callers know it: `.` is free, the allocator's own, or lost";
    Some(format!("{map}\n({note})"))
}

/// The model as a heap: what is not live counts as free.
struct Model<'a>(&'a Shadow);

impl Inspect for Model<'_> {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        let Some(bounds) = self.0.bounds() else {
            return ControlFlow::Continue(());
        };
        let mut visit = |address, end: usize, state| match end.saturating_sub(address) {
            0 => ControlFlow::Continue(()),
            size => visit(Block {
                address,
                size,
                overhead: 0,
                state,
            }),
        };
        let mut at = bounds.start();
        for (start, end) in self.0.ranges() {
            visit(at, start, BlockState::Free)?;
            visit(start, end, BlockState::Used)?;
            at = end;
        }
        visit(at, bounds.end(), BlockState::Free)
    }

    fn check(&self) -> Result<(), Corruption> {
        Ok(())
    }
}
