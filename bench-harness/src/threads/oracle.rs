//! The replay on several threads that believes nothing.
//!
//! Beside what the allocator is asked for, it knows where all live blocks are (a map of addresses
//! behind a lock) and what each must hold (a pattern that the thread checks which frees or resizes
//! the block, whoever wrote it).

use std::alloc::{GlobalAlloc, Layout};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::plan::{Call, Plan};
use super::play::{allocate, resize};
use super::turn::{Block, Ended, Slots};
use crate::pattern::Pattern;
use crate::replay::{Outcome, Stop};
use crate::script::Step;
use crate::together::together;
use crate::verify::Violation;

/// Replays `plan` with every check. The outcome's time is not a measurement.
///
/// # Errors
///
/// The first broken promise that was seen, with the call of its thread. The allocator must not be
/// used after that.
pub fn verify(
    allocator: &(dyn GlobalAlloc + Sync),
    plan: &Plan,
    limit: Duration,
) -> Result<Outcome, Violation> {
    let mut oracle = Oracle::new(allocator, plan, limit);
    let parts = together(plan.threads.len(), &|number| {
        oracle.run(number, &plan.threads[number])
    });
    if let Some(violation) = parts.iter().find_map(|part| part.violation.clone()) {
        return Err(violation);
    }
    let outcome = Outcome {
        ops_done: parts.iter().map(|part| part.ops_done).sum(),
        stop: parts.iter().find_map(|part| part.stop),
        nanos: u64::try_from(oracle.start.elapsed().as_nanos()).unwrap_or(u64::MAX),
        checksum: parts
            .iter()
            .fold(0, |sum, part| sum.wrapping_add(part.checksum)),
    };
    if outcome.stop.is_none() {
        let checked = oracle.check_survivors();
        checked.map_err(|what| Violation {
            op: plan.n_calls,
            what,
        })?;
    }
    Ok(outcome)
}

/// What one thread came to.
#[derive(Debug, Default)]
struct Part {
    ops_done: usize,
    checksum: u64,
    stop: Option<Stop>,
    violation: Option<Violation>,
}

/// What all threads know together.
struct Oracle<'a> {
    allocator: &'a (dyn GlobalAlloc + Sync),
    plan: &'a Plan,
    slots: Slots,
    /// The end address of each live block by its start address.
    intervals: Mutex<BTreeMap<usize, usize>>,
    start: Instant,
    limit: Duration,
}

/// What a call came to: the byte read back, or what was broken.
type Seen = Result<u8, String>;

impl<'a> Oracle<'a> {
    fn new(allocator: &'a (dyn GlobalAlloc + Sync), plan: &'a Plan, limit: Duration) -> Self {
        Self {
            allocator,
            plan,
            slots: Slots::new(plan.n_slots),
            intervals: Mutex::new(BTreeMap::new()),
            start: Instant::now(),
            limit,
        }
    }

    fn run(&self, number: usize, calls: &[Call]) -> Part {
        let mut part = Part::default();
        for (op, call) in calls.iter().enumerate() {
            if op % 256 == 255 && self.start.elapsed() > self.limit {
                part.stop = Some(Stop::TimeLimit);
                self.slots.give_up();
            }
            match self.step(*call) {
                Ok(Ok(byte)) => part.checksum = part.checksum.wrapping_add(u64::from(byte)),
                Ok(Err(what)) => {
                    let what = format!("thread {number}: {what}");
                    part.violation = Some(Violation { op, what });
                    self.slots.give_up();
                }
                Err(Ended::Refused) => part.stop = Some(Stop::OutOfMemory),
                Err(Ended::GivenUp) => {}
            }
            if self.slots.is_given_up() {
                break;
            }
            part.ops_done += 1;
        }
        part
    }

    fn step(&self, call: Call) -> Result<Seen, Ended> {
        let turn = call.turn;
        match call.step {
            Step::Allocate {
                slot,
                zeroed,
                layout,
            } => {
                let fill = |held: &mut Block| self.fill(held, slot, layout.get(), zeroed);
                // SAFETY: a plan gives each call on a slot a turn of its own.
                unsafe { self.slots.take_turn(slot, turn, fill) }
            }
            Step::Resize { slot, new } => {
                let resize = |held: &mut Block| self.resize(held, slot, new.get());
                // SAFETY: as above.
                unsafe { self.slots.take_turn(slot, turn, resize) }
            }
            Step::Free { slot } => {
                let free = |held: &mut Block| Some(self.free(held, slot));
                // SAFETY: as above.
                unsafe { self.slots.take_turn(slot, turn, free) }
            }
        }
    }

    fn fill(&self, held: &mut Block, slot: u32, layout: Layout, zeroed: bool) -> Option<Seen> {
        let pointer = allocate(self.allocator, layout, zeroed)?;
        *held = Block { pointer, layout };
        Some(self.place(held).and_then(|()| {
            if zeroed {
                held.check(layout.size(), Pattern::zeroed())?;
            }
            held.write(slot);
            Ok(0)
        }))
    }

    fn resize(&self, held: &mut Block, slot: u32, new: Layout) -> Option<Seen> {
        let old = *held;
        if let Err(what) = old.check(old.layout.size(), Pattern::of(slot)) {
            return Some(Err(what));
        }
        self.forget(&old);
        // SAFETY: it is this call's turn, so the slot holds a live block and its layout.
        let pointer = unsafe { resize(self.allocator, old, new) }?;
        *held = Block {
            pointer,
            layout: new,
        };
        Some(self.place(held).and_then(|()| {
            let kept = old.layout.size().min(new.size());
            held.check(kept, Pattern::of(slot))?;
            held.write(slot);
            Ok(0)
        }))
    }

    fn free(&self, held: &Block, slot: u32) -> Seen {
        held.check(held.layout.size(), Pattern::of(slot))?;
        self.forget(held);
        // SAFETY: it is this call's turn, so the slot holds a live block and its layout.
        unsafe { self.allocator.dealloc(held.pointer.as_ptr(), held.layout) };
        Ok(Pattern::of(slot).first())
    }

    /// Records a new block.
    fn place(&self, held: &Block) -> Result<(), String> {
        let start = held.pointer.addr().get();
        let end = start + held.layout.size();
        if !start.is_multiple_of(held.layout.align()) {
            let align = held.layout.align();
            return Err(format!("block {start:#x} is not aligned to {align}"));
        }
        let mut intervals = self
            .intervals
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((other, other_end)) = intervals.range(..end).next_back()
            && *other_end > start
        {
            return Err(format!(
                "new block {start:#x}..{end:#x} overlaps live block {other:#x}..{other_end:#x}"
            ));
        }
        intervals.insert(start, end);
        Ok(())
    }

    /// Forgets a block, before the allocator can hand it out again.
    fn forget(&self, held: &Block) {
        let mut intervals = self
            .intervals
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        intervals.remove(&held.pointer.addr().get());
    }

    /// What is live is what the trace leaves live, unharmed; frees it.
    fn check_survivors(&mut self) -> Result<(), String> {
        for (slot, layout) in &self.plan.survivors {
            let held = self.slots.block(*slot);
            if held.layout != *layout {
                return Err(format!("a surviving block has layout {:?}", held.layout));
            }
            self.free(&held, *slot)?;
        }
        let left = self
            .intervals
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        match left.is_empty() {
            true => Ok(()),
            false => Err(format!("{} blocks are live that should not be", left.len())),
        }
    }
}

impl Block {
    fn write(&self, slot: u32) {
        // SAFETY: all of the block, which this thread alone uses in its turn.
        unsafe { Pattern::of(slot).write(self.pointer, 0..self.layout.size()) };
    }

    /// Checks the first `len` bytes, all of which were written.
    fn check(&self, len: usize, expected: Pattern) -> Result<(), String> {
        // SAFETY: the first `len` bytes lie in the block and were written.
        match unsafe { expected.first_difference(self.pointer, 0..len) } {
            Some(offset) => Err(format!(
                "byte {offset} of a {}-byte block was overwritten",
                self.layout.size()
            )),
            None => Ok(()),
        }
    }
}
