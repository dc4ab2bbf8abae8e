//! The replay that believes nothing: alignment, overlap, content and zeroing of every block.
//!
//! It comes before the timed runs and is independent of the test kit's shadow model, so that a
//! mistake in one does not hide in the other.

use std::alloc::Layout;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use core_api::Allocator;

use crate::pattern::Pattern;
use crate::replay::{Outcome, Stop, allocate, resize};
use crate::script::{Script, Step};

/// A promise that an allocator broke, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Index of the operation.
    pub op: usize,
    /// What was seen.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at operation {}", self.what, self.op)
    }
}

impl std::error::Error for Violation {}

/// Replays `script` with every check. The outcome's time is not a measurement.
///
/// # Errors
///
/// The first broken promise. The allocator must not be used after that.
pub fn verify<A: Allocator>(
    allocator: &mut A,
    script: &Script,
    limit: Duration,
) -> Result<Outcome, Violation> {
    let mut shadow = Shadow::new(script.n_slots);
    let mut stop = None;
    let start = Instant::now();
    for (op, step) in script.steps.iter().enumerate() {
        let done = shadow.step(allocator, *step);
        if !done.map_err(|what| Violation { op, what })? {
            stop = Some(Stop::OutOfMemory);
        } else if op % 256 == 255 && start.elapsed() > limit {
            shadow.ops_done += 1;
            stop = Some(Stop::TimeLimit);
        } else {
            shadow.ops_done += 1;
            continue;
        }
        break;
    }
    Ok(Outcome {
        ops_done: shadow.ops_done,
        stop: stop.filter(|_| shadow.ops_done < script.steps.len()),
        nanos: u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX),
        checksum: shadow.checksum,
    })
}

/// Where the live blocks are and what they hold.
struct Shadow {
    slots: Vec<Option<Live>>,
    /// The end address of each live block by its start address.
    intervals: BTreeMap<usize, usize>,
    ops_done: usize,
    checksum: u64,
}

#[derive(Clone, Copy)]
struct Live {
    block: NonNull<u8>,
    layout: Layout,
}

impl Shadow {
    fn new(n_slots: usize) -> Self {
        Self {
            slots: vec![None; n_slots],
            intervals: BTreeMap::new(),
            ops_done: 0,
            checksum: 0,
        }
    }

    /// Whether the step was done (`false`: out of memory).
    fn step<A: Allocator>(&mut self, allocator: &mut A, step: Step) -> Result<bool, String> {
        match step {
            Step::Allocate {
                slot,
                zeroed,
                layout,
            } => {
                let layout = layout.get();
                let Ok(block) = allocate(allocator, layout, zeroed) else {
                    return Ok(false);
                };
                let live = Live { block, layout };
                self.place(slot, live)?;
                if zeroed {
                    live.check_zero()?;
                }
                live.fill(slot);
            }
            Step::Resize { slot, new } => return self.resize(allocator, slot, new.get()),
            Step::Free { slot } => {
                let live = self.take(slot)?;
                live.check(slot, live.layout.size())?;
                // SAFETY: `check` above has read the block's first byte, too.
                self.checksum += u64::from(unsafe { live.block.read() });
                // SAFETY: the block is live, its layout is the one kept, and the slot is empty now.
                unsafe { allocator.deallocate(live.block, live.layout) };
            }
        }
        Ok(true)
    }

    fn resize<A: Allocator>(
        &mut self,
        allocator: &mut A,
        slot: u32,
        new: Layout,
    ) -> Result<bool, String> {
        let old = self.take(slot)?;
        old.check(slot, old.layout.size())?;
        // SAFETY: the block is live and its layout is the one kept.
        let Ok(block) = (unsafe { resize(allocator, old.block, old.layout, new) }) else {
            return Ok(false);
        };
        let live = Live { block, layout: new };
        self.place(slot, live)?;
        live.check_kept(slot, old.layout.size())?;
        live.fill(slot);
        Ok(true)
    }

    /// Records a new block.
    fn place(&mut self, slot: u32, live: Live) -> Result<(), String> {
        let (start, layout) = (live.block.addr().get(), live.layout);
        if !start.is_multiple_of(layout.align()) {
            return Err(format!(
                "block {start:#x} is not aligned to {}",
                layout.align()
            ));
        }
        let end = start + layout.size();
        if let Some((other, other_end)) = self.intervals.range(..end).next_back()
            && *other_end > start
        {
            return Err(format!(
                "new block {start:#x}..{end:#x} overlaps live block {other:#x}..{other_end:#x}"
            ));
        }
        self.intervals.insert(start, end);
        self.slots[slot as usize] = Some(live);
        Ok(())
    }

    /// Forgets a block.
    fn take(&mut self, slot: u32) -> Result<Live, String> {
        let live = self.slots[slot as usize].take();
        let live = live.ok_or_else(|| format!("the trace uses empty slot {slot}"))?;
        self.intervals.remove(&live.block.addr().get());
        Ok(live)
    }
}

/// What is written and checked: all of a small block; of a large one the first and the last 256 bytes
/// and one in every 1,021 between.
fn covered(size: usize) -> impl Iterator<Item = Range<usize>> {
    const EDGE: usize = 256;
    let tail = size.saturating_sub(EDGE).max(EDGE).min(size);
    let between = (EDGE..tail).step_by(1021).map(|at| at..at + 1);
    [0..size.min(EDGE), tail..size].into_iter().chain(between)
}

impl Live {
    fn fill(&self, slot: u32) {
        for range in covered(self.layout.size()) {
            // SAFETY: `range` lies in the block.
            unsafe { Pattern::of(slot).write(self.block, range) };
        }
    }

    /// Checks what `fill` wrote when the block had `size` bytes.
    fn check(&self, slot: u32, size: usize) -> Result<(), String> {
        self.check_below(slot, size, usize::MAX)
    }

    /// Checks what is left after a resize from `old_size`.
    fn check_kept(&self, slot: u32, old_size: usize) -> Result<(), String> {
        self.check_below(slot, old_size, self.layout.size())
    }

    fn check_below(&self, slot: u32, size: usize, below: usize) -> Result<(), String> {
        // SAFETY: below `below`, what `fill` wrote lies in the block.
        match unsafe { self.first_difference(Pattern::of(slot), size, below) } {
            Some(offset) => Err(format!(
                "byte {offset} of a {size}-byte block was overwritten"
            )),
            None => Ok(()),
        }
    }

    fn check_zero(&self) -> Result<(), String> {
        let size = self.layout.size();
        // SAFETY: the block has `size` bytes, which `allocate_zeroed` has written.
        match unsafe { self.first_difference(Pattern::zeroed(), size, size) } {
            Some(offset) => Err(format!("byte {offset} of a zeroed block is not zero")),
            None => Ok(()),
        }
    }

    /// Where what `fill` covers of a block of `size` bytes is not as `pattern` has it, below `below`.
    ///
    /// # Safety
    ///
    /// The bytes that are covered below `below` lie in the block and were written.
    unsafe fn first_difference(
        &self,
        pattern: Pattern,
        size: usize,
        below: usize,
    ) -> Option<usize> {
        covered(size).find_map(|range| {
            let range = range.start..range.end.min(below);
            // SAFETY: the caller's promise.
            unsafe { pattern.first_difference(self.block, range) }
        })
    }
}
