//! Which thread does what, and in which order each block is used.

use std::alloc::Layout;
use std::collections::VecDeque;

use anyhow::{Context, Result, ensure};

use crate::script::{Script, Step, tag};
use crate::trace::Trace;

/// One step of one thread.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// What to do; its slot is one of the plan's.
    pub step: Step,
    /// How many calls on the slot come before this one.
    pub turn: u32,
}

/// A trace made ready for replay on several threads.
///
/// The slots are not the trace's: there a slot emptied by one thread is filled by the next thread
/// that allocates, and would make that one wait for nothing. Here each thread has slots of its own
/// for what it allocates, and fills the one emptied longest ago. A thread that runs ahead of those
/// that free its blocks comes round to a full slot and waits: so no more is live at a time than the
/// threads' peaks together.
#[derive(Debug)]
pub struct Plan {
    /// The calls of each thread.
    pub threads: Vec<Vec<Call>>,
    /// How many slots they use.
    pub n_slots: usize,
    /// Calls of all threads.
    pub n_calls: usize,
    /// Sum of the tags of all blocks that are freed.
    pub checksum: u64,
    /// Slots that are full at the end, with what is in them.
    pub survivors: Vec<(u32, Layout)>,
}

impl Plan {
    /// Prepares the first `limit` operations of `trace`; a trace without a column of threads has
    /// one. O(operations).
    ///
    /// # Errors
    ///
    /// As [`Script::new`], or a column that is shorter than the trace.
    pub fn new(trace: &Trace, limit: Option<usize>) -> Result<Self> {
        let script = Script::new(trace, limit)?;
        let column = &trace.columns.threads;
        ensure!(
            column.is_empty() || column.len() >= script.steps.len(),
            "{}: not every call has a thread",
            trace.name
        );
        let mut planner = Planner::new(script.n_slots);
        for (index, step) in script.steps.iter().enumerate() {
            let thread = column.get(index).copied().unwrap_or(0);
            let planned = planner.add(usize::from(thread), *step);
            planned.with_context(|| format!("{}: operation {index}", trace.name))?;
        }
        Ok(planner.finish(script.steps.len()))
    }
}

/// A slot of the plan.
#[derive(Clone, Copy)]
struct Slot {
    /// The thread that fills it.
    owner: usize,
    /// Calls on it so far.
    n_calls: u32,
    /// What is in it.
    layout: Option<Layout>,
}

struct Planner {
    threads: Vec<Vec<Call>>,
    slots: Vec<Slot>,
    /// The slots of each thread that are empty, the one emptied longest ago first.
    empty: Vec<VecDeque<u32>>,
    /// The plan's slot of each of the trace's.
    of_trace: Vec<u32>,
    checksum: u64,
}

impl Planner {
    fn new(n_slots: usize) -> Self {
        Self {
            threads: Vec::new(),
            slots: Vec::new(),
            empty: Vec::new(),
            of_trace: vec![0; n_slots],
            checksum: 0,
        }
    }

    fn add(&mut self, thread: usize, step: Step) -> Result<()> {
        if thread >= self.threads.len() {
            self.threads.resize_with(thread + 1, Vec::new);
            self.empty.resize_with(thread + 1, VecDeque::new);
        }
        let step = match step {
            Step::Allocate {
                slot,
                zeroed,
                layout,
            } => {
                let slot = self.fill(thread, slot as usize, layout.get())?;
                Step::Allocate {
                    slot,
                    zeroed,
                    layout,
                }
            }
            Step::Resize { slot, new } => {
                let slot = self.of_trace[slot as usize];
                self.slots[slot as usize].layout = Some(new.get());
                Step::Resize { slot, new }
            }
            Step::Free { slot } => Step::Free {
                slot: self.free(slot as usize),
            },
        };
        let turn = self.take_turn(step);
        self.threads[thread].push(Call { step, turn });
        Ok(())
    }

    fn fill(&mut self, thread: usize, of_trace: usize, layout: Layout) -> Result<u32> {
        let slot = match self.empty[thread].pop_front() {
            Some(slot) => slot,
            None => {
                self.slots.push(Slot {
                    owner: thread,
                    n_calls: 0,
                    layout: None,
                });
                u32::try_from(self.slots.len() - 1).context("too many live blocks")?
            }
        };
        self.slots[slot as usize].layout = Some(layout);
        self.of_trace[of_trace] = slot;
        Ok(slot)
    }

    fn free(&mut self, of_trace: usize) -> u32 {
        let slot = self.of_trace[of_trace];
        let freed = &mut self.slots[slot as usize];
        freed.layout = None;
        self.empty[freed.owner].push_back(slot);
        self.checksum = self.checksum.wrapping_add(u64::from(tag(slot)));
        slot
    }

    fn take_turn(&mut self, step: Step) -> u32 {
        let (Step::Allocate { slot, .. } | Step::Resize { slot, .. } | Step::Free { slot }) = step;
        let n_calls = &mut self.slots[slot as usize].n_calls;
        *n_calls += 1;
        *n_calls - 1
    }

    fn finish(self, n_calls: usize) -> Plan {
        let full = |(slot, held): (usize, &Slot)| Some((slot as u32, held.layout?));
        Plan {
            survivors: self.slots.iter().enumerate().filter_map(full).collect(),
            n_slots: self.slots.len(),
            threads: self.threads,
            n_calls,
            checksum: self.checksum,
        }
    }
}
