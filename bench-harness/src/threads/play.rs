//! The timed replay.
//!
//! Compiled once for each allocator, like the replay on one thread, and it does the same: one byte is
//! written to a new block and read back before it is freed. The clock is the wall's, from the moment
//! that the first thread starts, once all are ready, to the end of the last one: CPU time would not count the waiting,
//! which is what locks cost. CPU time is given, too.

use std::alloc::{GlobalAlloc, Layout};
use std::ptr::NonNull;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use super::plan::{Call, Plan};
use super::turn::{Block, Ended, Slots};
use crate::process::cpu_time;
use crate::replay::{Outcome, Stop};
use crate::script::{Step, tag};
use crate::together::together;

/// Calls between two looks at the clock.
const CHUNK: usize = 1024;

/// What a replay on several threads came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    /// Its nanoseconds are wall-clock time.
    pub outcome: Outcome,
    /// CPU time of all threads together.
    pub cpu_nanos: u64,
}

/// What one thread came to.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    ops_done: usize,
    checksum: u64,
    start: Option<Instant>,
    end: Option<Instant>,
    cpu: Duration,
    stop: Option<Stop>,
}

/// Replays `plan` on as many threads as it has, until all are done, memory runs out, or `limit` is
/// over. What is live at the end is freed outside the clock.
pub fn play<G: GlobalAlloc + Sync>(allocator: &G, plan: &Plan, limit: Duration) -> Played {
    let mut slots = Slots::new(plan.n_slots);
    let barrier = Barrier::new(plan.threads.len());
    let parts = together(plan.threads.len(), &|number| {
        part(allocator, &plan.threads[number], &slots, &barrier, limit)
    });
    let played = played(&parts);
    if played.outcome.stop.is_none() {
        free_survivors(allocator, plan, &mut slots);
    }
    played
}

fn played(parts: &[Part]) -> Played {
    let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    Played {
        outcome: Outcome {
            ops_done: parts.iter().map(|part| part.ops_done).sum(),
            stop: parts.iter().find_map(|part| part.stop),
            nanos: nanos(from_first_to_last(parts)),
            checksum: parts
                .iter()
                .fold(0, |sum, part| sum.wrapping_add(part.checksum)),
        },
        cpu_nanos: nanos(parts.iter().map(|part| part.cpu).sum()),
    }
}

/// From the start of the first thread to the end of the last.
fn from_first_to_last(parts: &[Part]) -> Duration {
    let first = parts.iter().filter_map(|part| part.start).min();
    let last = parts.iter().filter_map(|part| part.end).max();
    let between = last.zip(first).map(|(last, first)| last - first);
    between.unwrap_or_default()
}

fn part<G: GlobalAlloc>(
    allocator: &G,
    calls: &[Call],
    slots: &Slots,
    barrier: &Barrier,
    limit: Duration,
) -> Part {
    let mut part = Part::default();
    barrier.wait();
    let (start, cpu) = (Instant::now(), cpu_time());
    for chunk in calls.chunks(CHUNK) {
        part.play(allocator, chunk, slots);
        if part.stop.is_none() && start.elapsed() > limit && part.ops_done < calls.len() {
            slots.give_up();
            part.stop = Some(Stop::TimeLimit);
        }
        if slots.is_given_up() {
            break;
        }
    }
    part.cpu = cpu_time().saturating_sub(cpu);
    (part.start, part.end) = (Some(start), Some(Instant::now()));
    part
}

impl Part {
    #[inline]
    fn play<G: GlobalAlloc>(&mut self, allocator: &G, calls: &[Call], slots: &Slots) {
        for call in calls {
            match step(allocator, *call, slots) {
                Ok(byte) => self.checksum = self.checksum.wrapping_add(u64::from(byte)),
                Err(Ended::Refused) => {
                    self.stop = Some(Stop::OutOfMemory);
                    return;
                }
                Err(Ended::GivenUp) => return,
            }
            self.ops_done += 1;
        }
    }
}

/// One call; the byte read back from a block that is freed, and 0 for others.
#[inline(always)]
fn step<G: GlobalAlloc>(allocator: &G, call: Call, slots: &Slots) -> Result<u8, Ended> {
    match call.step {
        Step::Allocate {
            slot,
            zeroed,
            layout,
        } => {
            let layout = layout.get();
            let fill = |held: &mut Block| {
                *held = Block {
                    pointer: allocate(allocator, layout, zeroed)?,
                    layout,
                };
                // SAFETY: a new block of at least one byte.
                unsafe { held.pointer.write(tag(slot)) };
                Some(0)
            };
            // SAFETY: a plan gives each call on a slot a turn of its own.
            unsafe { slots.take_turn(slot, call.turn, fill) }
        }
        Step::Resize { slot, new } => {
            let new = new.get();
            let resize = |held: &mut Block| {
                // SAFETY: it is this call's turn, so the slot holds a live block and its layout.
                held.pointer = unsafe { resize(allocator, *held, new) }?;
                held.layout = new;
                Some(0)
            };
            // SAFETY: as above.
            unsafe { slots.take_turn(slot, call.turn, resize) }
        }
        Step::Free { slot } => {
            let free = |held: &mut Block| {
                // SAFETY: it is this call's turn, so the slot holds a live block whose first byte
                // was written.
                let byte = unsafe { held.pointer.read() };
                // SAFETY: as above; the next call on the slot fills it.
                unsafe { allocator.dealloc(held.pointer.as_ptr(), held.layout) };
                Some(byte)
            };
            // SAFETY: as above.
            unsafe { slots.take_turn(slot, call.turn, free) }
        }
    }
}

#[inline(always)]
pub(super) fn allocate<G: GlobalAlloc + ?Sized>(
    allocator: &G,
    layout: Layout,
    zeroed: bool,
) -> Option<NonNull<u8>> {
    let block = if zeroed {
        // SAFETY: a layout of a script has at least one byte.
        unsafe { allocator.alloc_zeroed(layout) }
    } else {
        // SAFETY: as above.
        unsafe { allocator.alloc(layout) }
    };
    NonNull::new(block)
}

/// # Safety
///
/// `held` is live in `allocator`, and `new` has its alignment and at least one byte.
#[inline(always)]
pub(super) unsafe fn resize<G: GlobalAlloc + ?Sized>(
    allocator: &G,
    held: Block,
    new: Layout,
) -> Option<NonNull<u8>> {
    // SAFETY: the caller's promise.
    let moved = unsafe { allocator.realloc(held.pointer.as_ptr(), held.layout, new.size()) };
    NonNull::new(moved)
}

/// Frees what the trace leaves live: the allocator may outlive the replay.
fn free_survivors<G: GlobalAlloc>(allocator: &G, plan: &Plan, slots: &mut Slots) {
    for (slot, _) in &plan.survivors {
        let held = slots.block(*slot);
        // SAFETY: the replay is complete, so the plan's survivors are live.
        unsafe { allocator.dealloc(held.pointer.as_ptr(), held.layout) };
    }
}
