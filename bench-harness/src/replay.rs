//! The timed loop.
//!
//! It is compiled once for each allocator, checks nothing and counts nothing. What it does beside
//! calling the allocator is the same for all: it keeps pointer and layout of each block in a slot,
//! writes one byte to a new block, and reads that byte back before the block is freed. The sum of
//! the bytes read must be the script's, so that a run on an allocator that mixes up its blocks is
//! not mistaken for a fast one.
//!
//! The clock is the thread's CPU time: on an idle machine it says what a wall clock says, and on a
//! busy one it leaves out the others.

use std::alloc::Layout;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use core_api::{AllocError, Allocator};
use serde::{Deserialize, Serialize};

use crate::erased::Erased;
use crate::measure::{End, Observer, Seen};
use crate::packed::PackedLayout;
use crate::process::cpu_time;
use crate::script::{Script, Step, tag};

/// Steps between two looks at the clock.
const CHUNK: usize = 4096;

/// Where a replay ended before its last operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// The allocator refused a request.
    OutOfMemory,
    /// The time given to the replay was over.
    TimeLimit,
}

/// What a replay came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Operations that succeeded.
    pub ops_done: usize,
    /// Why it ended early, if it did.
    pub stop: Option<Stop>,
    /// CPU time of the loop, system calls included, without the steps that warm up.
    pub nanos: u64,
    /// Sum of the bytes read back from freed blocks.
    pub checksum: u64,
}

/// Pointer and layout of each live block.
#[derive(Debug)]
pub struct Slots(Vec<Slot>);

#[derive(Clone, Copy, Debug)]
struct Slot {
    block: NonNull<u8>,
    layout: PackedLayout,
}

impl Slots {
    /// Empty slots for `script`, allocated and touched now so that the timed loop need not.
    pub fn new(script: &Script) -> Self {
        let block = NonNull::dangling();
        let empty = PackedLayout::new(Layout::new::<u8>());
        let slot = empty.map(|layout| Slot { block, layout });
        Self(slot.map_or_else(Vec::new, |slot| vec![slot; script.n_slots]))
    }

    /// Frees what is live after a whole replay, for allocators that outlive it.
    pub fn free_survivors<A: Allocator>(&self, allocator: &mut A, script: &Script) {
        for slot in &script.survivors {
            let Slot { block, layout } = self.0[*slot as usize];
            // SAFETY: the script's survivors are live, and each slot holds its block's layout.
            unsafe { allocator.deallocate(block, layout.get()) };
        }
    }
}

/// Replays `script` until it ends, memory runs out, or `limit` is over: `limit` for the steps that
/// warm up, and for the others.
///
/// Never inlined: callgrind knows it by its name.
#[inline(never)]
pub fn replay<A: Allocator>(
    allocator: &mut A,
    script: &Script,
    slots: &mut Slots,
    limit: Duration,
) -> Outcome {
    let mut player = Player::new(slots);
    let (warm_up, timed) = script.steps.split_at(script.n_warm_up);
    let mut stop = player.play_until(Instant::now() + limit, allocator, warm_up, |_, _| ());
    let start = cpu_time();
    if stop.is_none() {
        stop = player.play_until(Instant::now() + limit, allocator, timed, |_, _| ());
    }
    let elapsed = cpu_time().saturating_sub(start);
    Outcome {
        nanos: u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX),
        stop,
        ops_done: player.ops_done,
        checksum: player.checksum,
    }
}

/// Plays steps on an allocator.
#[derive(Debug)]
pub(crate) struct Player<'a> {
    slots: &'a mut Slots,
    pub(crate) ops_done: usize,
    pub(crate) checksum: u64,
}

impl<'a> Player<'a> {
    pub(crate) fn new(slots: &'a mut Slots) -> Self {
        Self {
            slots,
            ops_done: 0,
            checksum: 0,
        }
    }

    /// Plays `steps` until they end, one fails, or the time is over. `used` sees each block that was
    /// allocated or resized; the timed loop passes one that does nothing.
    #[inline]
    pub(crate) fn play_until<A: Allocator>(
        &mut self,
        deadline: Instant,
        allocator: &mut A,
        steps: &[Step],
        used: impl Fn(NonNull<u8>, usize),
    ) -> Option<Stop> {
        let mut chunks = steps.chunks(CHUNK).peekable();
        while let Some(chunk) = chunks.next() {
            for (index, step) in chunk.iter().enumerate() {
                if self.step(allocator, *step, &used).is_err() {
                    self.ops_done += index;
                    return Some(Stop::OutOfMemory);
                }
            }
            self.ops_done += chunk.len();
            if chunks.peek().is_some() && Instant::now() > deadline {
                return Some(Stop::TimeLimit);
            }
        }
        None
    }

    /// Plays `steps` and shows each to `observer`.
    pub(crate) fn play_observed(
        &mut self,
        deadline: Instant,
        allocator: &mut Erased,
        steps: &[Step],
        observer: &mut dyn Observer,
    ) -> End {
        for (op, step) in steps.iter().copied().enumerate() {
            let heap = allocator.inspect();
            let block = None;
            observer.before(Seen {
                op,
                step,
                block,
                heap,
            });
            if self.step(allocator, step, &|_, _| ()).is_err() {
                return End::Stopped(Stop::OutOfMemory);
            }
            self.ops_done += 1;
            let heap = allocator.inspect();
            let block = Some(self.slots.0[step.slot() as usize].block);
            if observer
                .after(Seen {
                    op,
                    step,
                    block,
                    heap,
                })
                .is_break()
            {
                return End::Enough;
            }
            if op % 256 == 255 && Instant::now() > deadline {
                return End::Stopped(Stop::TimeLimit);
            }
        }
        End::Whole
    }

    #[inline(always)]
    fn step<A: Allocator>(
        &mut self,
        allocator: &mut A,
        step: Step,
        used: &impl Fn(NonNull<u8>, usize),
    ) -> Result<(), AllocError> {
        match step {
            Step::Allocate {
                slot,
                zeroed,
                layout,
            } => {
                let block = allocate(allocator, layout.get(), zeroed)?;
                // SAFETY: a layout of a script has at least one byte.
                unsafe { block.write(tag(slot)) };
                used(block, layout.size());
                self.slots.0[slot as usize] = Slot { block, layout };
            }
            Step::Resize { slot, new } => {
                let old = self.slots.0[slot as usize];
                // SAFETY: the slot is full: it holds a live block and its layout.
                let block = unsafe { resize(allocator, old.block, old.layout.get(), new.get())? };
                used(block, new.size());
                self.slots.0[slot as usize] = Slot { block, layout: new };
            }
            Step::Free { slot } => {
                let Slot { block, layout } = self.slots.0[slot as usize];
                // SAFETY: the slot is full: it holds a live block, whose first byte was written.
                let byte = unsafe { block.read() };
                self.checksum = self.checksum.wrapping_add(u64::from(byte));
                // SAFETY: as above; the trace does not use the slot again before it is filled.
                unsafe { allocator.deallocate(block, layout.get()) };
            }
        }
        Ok(())
    }
}

#[inline(always)]
pub(crate) fn allocate<A: Allocator>(
    allocator: &mut A,
    layout: Layout,
    zeroed: bool,
) -> Result<NonNull<u8>, AllocError> {
    let block = if zeroed {
        allocator.allocate_zeroed(layout)?
    } else {
        allocator.allocate(layout)?
    };
    Ok(block.cast())
}

/// # Safety
///
/// `block` is live in `allocator` and `old` is its layout.
#[inline(always)]
pub(crate) unsafe fn resize<A: Allocator>(
    allocator: &mut A,
    block: NonNull<u8>,
    old: Layout,
    new: Layout,
) -> Result<NonNull<u8>, AllocError> {
    let moved = if new.size() >= old.size() {
        // SAFETY: the caller's promise; the size does not fall.
        unsafe { allocator.grow(block, old, new)? }
    } else {
        // SAFETY: the caller's promise; the size falls.
        unsafe { allocator.shrink(block, old, new)? }
    };
    Ok(moved.cast())
}
