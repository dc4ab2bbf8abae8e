//! A replay that is looked at after each step. What looks may take its time: nothing is timed.

use std::ops::ControlFlow;
use std::ptr::NonNull;

use core_api::Inspect;

use crate::packed::PackedLayout;
use crate::replay::Stop;
use crate::script::Step;

/// A step, the block that it was about, and the heap.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// Index of the step.
    pub op: usize,
    /// The step.
    pub step: Step,
    /// The block that was allocated or resized, or is free now. `None` before the step.
    pub block: Option<NonNull<u8>>,
    /// The heap, if it can be walked.
    pub heap: Option<&'a dyn Inspect>,
}

impl Seen<'_> {
    /// The block that was allocated or resized, and its layout.
    pub(crate) fn placed(&self) -> Option<(NonNull<u8>, PackedLayout)> {
        self.block.zip(self.step.layout())
    }
}

/// Looks at a heap while a script is replayed.
pub trait Observer {
    /// Before a step.
    fn before(&mut self, seen: Seen<'_>) {
        let _ = seen;
    }

    /// After a step that succeeded. A break ends the replay.
    fn after(&mut self, seen: Seen<'_>) -> ControlFlow<()>;
}

/// How an observed replay ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Every step was seen.
    Whole,
    /// The observer has seen enough.
    Enough,
    /// Memory or time ran out.
    Stopped(Stop),
}

/// Where the live blocks are, as an observer keeps them.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    slots: Vec<Option<(NonNull<u8>, PackedLayout)>>,
    /// Bytes requested and not freed.
    pub(crate) bytes: usize,
}

impl Live {
    pub(crate) fn new(n_slots: usize) -> Self {
        Self {
            slots: vec![None; n_slots],
            bytes: 0,
        }
    }

    /// Keeps what a step has done.
    pub(crate) fn update(&mut self, seen: Seen<'_>) {
        let layout = seen.step.layout();
        let slot = &mut self.slots[seen.step.slot() as usize];
        self.bytes -= slot.map_or(0, |(_, layout)| layout.size());
        self.bytes += layout.map_or(0, PackedLayout::size);
        *slot = seen.placed();
    }

    /// The live blocks, in the order of their slots.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (NonNull<u8>, PackedLayout)> {
        self.slots.iter().flatten().copied()
    }
}
