//! A trace made ready for replay: layouts checked, and everything known before the clock starts.

use std::alloc::Layout;

use anyhow::{Context, Result, ensure};

use crate::packed::PackedLayout;
use crate::trace::{Op, Trace};

/// One step of a replay, in 16 bytes: reading the script is part of every time.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Puts a new block into an empty slot.
    Allocate {
        /// The slot.
        slot: u32,
        /// Whether the bytes must be zero.
        zeroed: bool,
        /// Size and alignment, at least one byte.
        layout: PackedLayout,
    },
    /// Resizes the block of a full slot.
    Resize {
        /// The slot.
        slot: u32,
        /// The new size with the old alignment.
        new: PackedLayout,
    },
    /// Frees the block of a full slot.
    Free {
        /// The slot.
        slot: u32,
    },
}

impl Step {
    /// The slot that it fills, changes or empties.
    pub const fn slot(self) -> u32 {
        match self {
            Self::Allocate { slot, .. } | Self::Resize { slot, .. } | Self::Free { slot } => slot,
        }
    }

    /// The layout of the block that is in the slot afterwards, if one is.
    pub const fn layout(self) -> Option<PackedLayout> {
        match self {
            Self::Allocate { layout, .. } | Self::Resize { new: layout, .. } => Some(layout),
            Self::Free { .. } => None,
        }
    }
}

const _: () = assert!(size_of::<Step>() == 16);

/// A trace ready for replay, with what a replay must come to.
///
/// A request of 0 bytes is replayed as one of 1 byte: the allocators disagree on what it means,
/// and every block here gets a byte written.
#[derive(Debug)]
pub struct Script {
    /// The trace's name.
    pub name: String,
    /// The steps.
    pub steps: Vec<Step>,
    /// How many steps at the start are not timed.
    pub n_warm_up: usize,
    /// How many slots they use.
    pub n_slots: usize,
    /// The most bytes requested by blocks live at one time.
    pub peak_live: usize,
    /// Index of the step that first reaches `peak_live`.
    pub peak_step: usize,
    /// Bytes of all requests together, those of resizes included.
    pub requested: usize,
    /// The slots that are full at the end.
    pub survivors: Vec<u32>,
    /// What [`Outcome::checksum`](crate::replay::Outcome) must be after the last step.
    pub checksum: u64,
}

impl Script {
    /// Prepares the first `limit` operations of `trace`. O(operations).
    ///
    /// # Errors
    ///
    /// A trace without operations, or a request that no `Layout` can hold.
    pub fn new(trace: &Trace, limit: Option<usize>) -> Result<Self> {
        ensure!(
            !trace.ops.is_empty(),
            "{}: the trace has no operations",
            trace.name
        );
        let n_ops = limit.unwrap_or(usize::MAX).clamp(1, trace.ops.len());
        let mut builder = Builder::new(trace.n_slots);
        for (index, op) in trace.ops[..n_ops].iter().enumerate() {
            let step = builder.step(*op);
            let step = step.with_context(|| format!("{}: operation {index}", trace.name))?;
            builder.push(step);
        }
        Ok(builder.finish(trace.name.clone()))
    }

    /// The same script, the first `n` steps of which are not timed.
    pub fn with_warm_up(self, n: usize) -> Self {
        let n_warm_up = n.min(self.steps.len());
        Self { n_warm_up, ..self }
    }

    /// Whether no step frees a block. O(steps).
    pub fn frees_nothing(&self) -> bool {
        let frees = |step: &Step| matches!(step, Step::Free { .. });
        !self.steps.iter().any(frees)
    }

    /// One request and nothing else.
    pub(crate) fn of_one_request(layout: PackedLayout) -> Self {
        let mut builder = Builder::new(1);
        builder.push(Step::Allocate {
            slot: 0,
            zeroed: false,
            layout,
        });
        builder.finish(String::new())
    }

    /// The steps up to the peak of live bytes, then a free of each live block, then `n_beats` times
    /// an allocation of 64 bytes and its free; and after how many steps everything is live, and
    /// nothing.
    pub(crate) fn drained(&self, n_beats: usize) -> (Self, usize, usize) {
        let mut builder = Builder::new(self.n_slots + 1);
        for step in &self.steps[..=self.peak_step] {
            builder.push(*step);
        }
        let n_full = builder.steps.len();
        for slot in builder.full() {
            builder.push(Step::Free { slot });
        }
        let n_empty = builder.steps.len();
        let slot = self.n_slots as u32;
        let layout = PackedLayout::new(Layout::new::<[u64; 8]>());
        for layout in std::iter::repeat_n(layout, n_beats).flatten() {
            let zeroed = false;
            builder.push(Step::Allocate {
                slot,
                zeroed,
                layout,
            });
            builder.push(Step::Free { slot });
        }
        (builder.finish(self.name.clone()), n_full, n_empty)
    }

    /// What blocks are asked for, in the order of the steps.
    pub(crate) fn requests(&self) -> impl Iterator<Item = PackedLayout> {
        self.steps.iter().filter_map(|step| match step {
            Step::Allocate { layout, .. } => Some(*layout),
            Step::Resize { new, .. } => Some(*new),
            Step::Free { .. } => None,
        })
    }

    /// A heap in which no reusing allocator need be short: four times the peak, 10 MiB at least.
    pub fn roomy(&self) -> usize {
        const SMALLEST: usize = 10 << 20;
        self.peak_live
            .saturating_mul(4)
            .max(SMALLEST)
            .next_multiple_of(4096)
    }

    /// A heap that holds every request side by side, up to 512 MiB: what an arena needs.
    pub fn roomy_without_reuse(&self) -> usize {
        const LARGEST: usize = 512 << 20;
        const PAD: usize = 32;
        let padded = self.requested.saturating_add(self.steps.len() * PAD);
        padded.min(LARGEST).max(self.roomy()).next_multiple_of(4096)
    }
}

/// The byte that the harness writes to a new block and reads back when it is freed.
#[inline]
pub fn tag(slot: u32) -> u8 {
    (slot ^ (slot >> 8)) as u8
}

/// Plays the trace with sizes only.
struct Builder {
    steps: Vec<Step>,
    live: Vec<Option<PackedLayout>>,
    live_bytes: usize,
    peak_live: usize,
    peak_step: usize,
    requested: usize,
    checksum: u64,
}

impl Builder {
    fn new(n_slots: usize) -> Self {
        Self {
            steps: Vec::new(),
            live: vec![None; n_slots],
            live_bytes: 0,
            peak_live: 0,
            peak_step: 0,
            requested: 0,
            checksum: 0,
        }
    }

    fn step(&self, op: Op) -> Result<Step> {
        Ok(match op {
            Op::Allocate {
                slot,
                size,
                align,
                zeroed,
            } => Step::Allocate {
                slot,
                zeroed,
                layout: layout(size, align as usize)?,
            },
            Op::Resize { slot, size } => {
                let old = self.live[slot as usize].context("resizes an empty slot")?;
                let new = layout(size, old.align())?;
                Step::Resize { slot, new }
            }
            Op::Free { slot } => Step::Free { slot },
        })
    }

    fn push(&mut self, step: Step) {
        match step {
            Step::Allocate { slot, layout, .. } => self.fill(slot, layout),
            Step::Resize { slot, new } => {
                self.empty(slot);
                self.fill(slot, new);
            }
            Step::Free { slot } => {
                self.empty(slot);
                self.checksum = self.checksum.wrapping_add(u64::from(tag(slot)));
            }
        }
        if self.live_bytes > self.peak_live {
            self.peak_live = self.live_bytes;
            self.peak_step = self.steps.len();
        }
        self.steps.push(step);
    }

    fn fill(&mut self, slot: u32, layout: PackedLayout) {
        self.live[slot as usize] = Some(layout);
        self.live_bytes = self.live_bytes.saturating_add(layout.size());
        self.requested = self.requested.saturating_add(layout.size());
    }

    fn empty(&mut self, slot: u32) {
        let layout = self.live[slot as usize].take();
        let bytes = layout.map_or(0, |layout| layout.size());
        self.live_bytes = self.live_bytes.saturating_sub(bytes);
    }

    /// The slots that are full.
    fn full(&self) -> Vec<u32> {
        let full = |(slot, layout): (usize, &Option<PackedLayout>)| layout.map(|_| slot as u32);
        self.live.iter().enumerate().filter_map(full).collect()
    }

    fn finish(self, name: String) -> Script {
        Script {
            name,
            n_slots: self.live.len(),
            survivors: self.full(),
            steps: self.steps,
            n_warm_up: 0,
            peak_live: self.peak_live,
            peak_step: self.peak_step,
            requested: self.requested,
            checksum: self.checksum,
        }
    }
}

fn layout(size: usize, align: usize) -> Result<PackedLayout> {
    let layout = Layout::from_size_align(size.max(1), align).ok();
    let packed = layout.and_then(PackedLayout::new);
    packed.with_context(|| format!("{size} bytes aligned to {align} are no possible request"))
}
