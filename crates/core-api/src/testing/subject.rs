//! An allocator under test, and the checks of its heap after each operation.

use core::cell::RefCell;
use core::ops::ControlFlow;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::{Failure, Live, Shadow, Verdict};
use crate::{Allocator, Block, BlockState, Corruption, HeapMap, Inspect, Reclaims, Region};

/// An allocator that can be examined after each operation.
pub(super) trait Subject: Allocator {
    /// Compares the heap with the model, as far as it can be inspected.
    fn examine(&self, shadow: &Shadow) -> Verdict;

    /// Draws the heap as text, if it can be inspected.
    fn heap_map(&self) -> Option<String>;
}

/// A check of `A` from the caller of [`Program::run`](super::Program::run).
type Check<'a, A> = &'a mut dyn FnMut(&A) -> Result<(), Corruption>;

/// An allocator with such a check.
pub(super) struct Checked<'a, A> {
    inner: &'a mut A,
    check: RefCell<Check<'a, A>>,
}

impl<'a, A> Checked<'a, A> {
    pub(super) fn new(inner: &'a mut A, check: Check<'a, A>) -> Self {
        let check = RefCell::new(check);
        Self { inner, check }
    }
}

// SAFETY: every method calls the inner allocator's own.
unsafe impl<A: Allocator> Allocator for Checked<'_, A> {
    crate::forward_allocator!(self => *self.inner, *self.inner);
}

impl<A: Allocator> Subject for Checked<'_, A> {
    fn examine(&self, _: &Shadow) -> Verdict {
        let mut check = self.check.borrow_mut();
        Ok(check(self.inner)?)
    }

    fn heap_map(&self) -> Option<String> {
        None
    }
}

/// Passes the heap behind `T` to a closure, if it can be inspected.
pub(super) type Peek<'a, T> = &'a dyn Fn(&T, &mut dyn FnMut(&dyn Inspect));

/// An allocator that is inspected through `peek`, if it can be.
pub(super) struct Watched<'a, T> {
    pub(super) inner: T,
    pub(super) peek: Peek<'a, T>,
    /// The region in which all blocks must lie; `None` if the allocator has its own memory.
    pub(super) region: Option<Region>,
}

// SAFETY: every method calls the inner allocator's own.
unsafe impl<T: Allocator> Allocator for Watched<'_, T> {
    crate::forward_allocator!(self => self.inner, self.inner);
}

impl<T: Allocator> Subject for Watched<'_, T> {
    fn examine(&self, shadow: &Shadow) -> Verdict {
        let mut verdict = Ok(());
        // Before the peek: an adapter cannot be called from within `inspect`.
        let reclaims = self.inner.reclaims();
        (self.peek)(&self.inner, &mut |heap| {
            verdict = agree(heap, shadow, self.region, reclaims);
        });
        verdict
    }

    fn heap_map(&self) -> Option<String> {
        let mut map = None;
        (self.peek)(&self.inner, &mut |heap| {
            map = Some(HeapMap::new(heap, 100).to_string());
        });
        map
    }
}

/// The bytes at each end of a region that an allocator may leave unused for alignment.
const UNUSED: usize = 64;

/// Checks that the heap's own check holds, and that its walk, its statistics and the model agree.
fn agree(
    heap: &dyn Inspect,
    shadow: &Shadow,
    region: Option<Region>,
    reclaims: Reclaims,
) -> Verdict {
    heap.check()?;
    let mut blocks = Vec::new();
    let _ = heap.walk(&mut |block| {
        blocks.push(block);
        ControlFlow::Continue(())
    });
    if let Some(region) = region {
        covers(&blocks, region, shadow.n_live() > 0)?;
    }
    sums_agree(heap, &blocks)?;
    blocks.sort_unstable_by_key(|block| block.address);
    shadow
        .live()
        .try_for_each(|(id, live)| holds(&blocks, live).map_err(|failure| failure.during(&id)))?;
    let used = heap.stats().used;
    if used < shadow.requested() {
        let requested = shadow.requested();
        return broken(format!("{used} bytes are used, but {requested} requested"));
    }
    let frees = matches!(reclaims, Reclaims::Everything | Reclaims::WholeBlocks);
    if frees && shadow.n_live() == 0 && used > 0 {
        return broken(format!("no block is live, but {used} bytes are used"));
    }
    Ok(())
}

fn broken(what: String) -> Verdict {
    Err(Failure::new(what))
}

/// Checks that the walk visits the region from end to end, without gaps.
fn covers(blocks: &[Block], region: Region, in_use: bool) -> Verdict {
    for pair in blocks.windows(2) {
        if pair[0].end() != pair[1].address {
            return broken(format!(
                "the walk jumps from {:?} to {:?}",
                pair[0], pair[1]
            ));
        }
    }
    let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else {
        return match in_use {
            true => broken("the walk visits nothing, but blocks are live".to_string()),
            false => Ok(()),
        };
    };
    if first.address < region.start() || last.end() > region.end() {
        return broken(format!("the walk leaves {region:?}: {first:?} … {last:?}"));
    }
    if first.address - region.start() > UNUSED || region.end() - last.end() > UNUSED {
        return broken(format!(
            "the walk covers only {first:?} … {last:?} of {region:?}"
        ));
    }
    Ok(())
}

/// Checks that the statistics are the sums over the walk.
fn sums_agree(heap: &dyn Inspect, blocks: &[Block]) -> Verdict {
    let mut sums = crate::HeapStats::default();
    for &block in blocks {
        if block.overhead > block.size {
            return broken(format!("{block:?} has more overhead than bytes"));
        }
        sums.add(block);
    }
    let stats = heap.stats();
    if stats != sums {
        return broken(format!(
            "the statistics are {stats:?}, the walk's sums {sums:?}"
        ));
    }
    Ok(())
}

/// Checks that a used block of the walk contains a live block. `blocks` is in address order.
fn holds(blocks: &[Block], live: &Live) -> Verdict {
    let start = live.block.addr().get();
    let after = blocks.partition_point(|block| block.address <= start);
    match after.checked_sub(1).map(|index| blocks[index]) {
        Some(block) if block.state == BlockState::Used && start + live.usable <= block.end() => {
            Ok(())
        }
        Some(block) => broken(format!("is live, but the walk has {block:?} there")),
        None => broken("is live, but the walk has nothing there".to_string()),
    }
}
