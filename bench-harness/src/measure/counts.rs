//! What can be counted: splits and merges from the heap walk, probes from a counting policy,
//! system calls from a tracing parent.

use std::ops::ControlFlow;
use std::time::Duration;

use core_api::{BlockState, Fixed, Inspect};
use fit_strategies::{Counting, Fit, FitHeap};

use super::system_calls::system_calls;
use super::{End, Observer, Seen};
use crate::allocators::Entry;
use crate::memory::Room;
use crate::replay::{Slots, replay};
use crate::report::Counts;
use crate::script::{Script, Step};

/// Steps before and after which the heap is walked: fewer where many blocks are live.
const N_SAMPLED: usize = 1_000;
/// Blocks that all walks together may visit.
const N_VISITS: usize = 20_000_000;

/// What can be counted of `entry` on `script`.
pub(crate) fn counts(entry: &Entry, script: &Script, limit: Duration) -> Counts {
    // Three replays, in the time of two.
    let limit = limit * 2 / 3;
    // First: a heap that the process has for good asks the system for most of its memory once.
    let system_calls = system_calls(entry, script, limit).ok().flatten();
    let blocks = blocks(entry, script, limit);
    let mut room = Room::new(entry.room_len(script));
    Counts {
        instructions: None,
        system_calls,
        probes: entry.subject.probes(&mut room, script, limit),
        splits: blocks.map(|blocks| blocks.per_step(blocks.splits)),
        merges: blocks.map(|blocks| blocks.per_step(blocks.merges)),
    }
}

/// Splits and merges of a sample of steps.
///
/// A step that leaves more blocks than it found has split, one that leaves fewer has merged. One
/// that does both as often counts as neither.
#[derive(Clone, Copy, Debug, Default)]
struct Blocks {
    n_steps: usize,
    splits: usize,
    merges: usize,
}

impl Blocks {
    fn per_step(self, n: usize) -> f64 {
        n as f64 / self.n_steps.max(1) as f64
    }
}

/// `None` if the heap cannot be walked or the replay does not end.
fn blocks(entry: &Entry, script: &Script, limit: Duration) -> Option<Blocks> {
    let n_sampled = (N_VISITS / (2 * script.n_slots + 1)).clamp(100, N_SAMPLED);
    let mut counting = CountingBlocks {
        distance: script.steps.len().div_ceil(n_sampled),
        before: None,
        blocks: Blocks::default(),
    };
    let mut room = Room::new(entry.room_len(script));
    let end = entry
        .subject
        .observe(&mut room, script, limit, &mut counting);
    (end == Some(End::Whole)).then_some(counting.blocks)
}

/// Counts blocks before and after each step of a sample.
struct CountingBlocks {
    distance: usize,
    before: Option<usize>,
    blocks: Blocks,
}

impl Observer for CountingBlocks {
    fn before(&mut self, seen: Seen<'_>) {
        let is_sampled = seen.op.is_multiple_of(self.distance);
        self.before = seen.heap.filter(|_| is_sampled).map(n_blocks);
    }

    fn after(&mut self, seen: Seen<'_>) -> ControlFlow<()> {
        let Some(heap) = seen.heap else {
            return ControlFlow::Break(());
        };
        if let Some(before) = self.before.take() {
            let after = n_blocks(heap);
            self.blocks.n_steps += 1;
            self.blocks.splits += after.saturating_sub(before);
            self.blocks.merges += before.saturating_sub(after);
        }
        ControlFlow::Continue(())
    }
}

fn n_blocks(heap: &dyn Inspect) -> usize {
    let mut n = 0;
    let _ = heap.walk(&mut |block| {
        n += usize::from(block.state != BlockState::Metadata);
        ControlFlow::Continue(())
    });
    n
}

/// Free blocks that policy `P` looks at per allocation or resize; `None` if the replay does not end.
pub(crate) fn probes<P: Fit>(room: &mut Room, script: &Script, limit: Duration) -> Option<f64> {
    // SAFETY: the region is handed out for this heap alone.
    let source = unsafe { Fixed::new(room.region()) };
    let mut heap = FitHeap::<_, Counting<P>>::new(source);
    let outcome = replay(&mut heap, script, &mut Slots::new(script), limit);
    let is_request = |step: &&Step| !matches!(step, Step::Free { .. });
    let n_requests = script.steps.iter().filter(is_request).count();
    let probes = heap.policy().probes() as f64 / n_requests.max(1) as f64;
    outcome.stop.is_none().then_some(probes)
}
