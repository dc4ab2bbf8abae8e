//! How long single calls take: quantiles by kind of call and class of sizes.
//!
//! The script is replayed several times, each time on a fresh allocator, and a call's time is the
//! mean of all but the slowest two. A replay is the same each time, so that what an allocator does
//! at a call (a search, a sweep, a system call, a first touch) is in all of them; an interruption
//! by the machine is in one, and left out. The mean, and not the fastest, since a clock that moves
//! in steps of several nanoseconds would show nothing of shorter calls. An allocator that asks the
//! OS is replayed in a fork each time, since it may keep pages from the time before.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use hdrhistogram::Histogram;

use super::clock::{Clock, REPLAYS};
use super::fork::in_fork;
use super::laps::Laps;
use super::shared::{Shared, UNCLOCKED};
use crate::allocators::{Entry, Memory};
use crate::memory::Room;
use crate::packed::PackedLayout;
use crate::report::{Detail, Kind, Latency};
use crate::script::{Script, Step};

/// Parts of a tick that the histograms tell apart.
const PARTS: f64 = 16.0;

/// The quantiles of `entry` on `script`; none if it cannot be clocked, stops early, or has no time for
/// all replays: from fewer they would be another statistic, and no match for those of the others.
///
/// # Errors
///
/// No memory, or a replay that crashed.
pub(crate) fn latency(entry: &Entry, script: &Script, limit: Duration) -> Result<Detail> {
    let clock = Clock::calibrate();
    let n_ops = script.steps.len();
    let mut shared = Shared::new(n_ops * REPLAYS)?;
    let start = Instant::now();
    for laps in shared.numbers().chunks_mut(n_ops) {
        if start.elapsed() < limit {
            clock_once(entry, script, limit, laps)?;
        }
    }
    let laps = &*shared.numbers();
    let is_whole = laps.chunks(n_ops).all(|laps| laps[n_ops - 1] != UNCLOCKED);
    Ok(Detail {
        latency: if is_whole {
            quantiles(clock, script, laps)
        } else {
            Vec::new()
        },
        clock_grain: is_whole.then(|| clock.grain()),
        ..Detail::default()
    })
}

fn clock_once(entry: &Entry, script: &Script, limit: Duration, laps: &mut [u32]) -> Result<()> {
    let mut replay = || {
        let mut room = Room::new(entry.room_len(script));
        let laps = Laps::new(laps);
        entry.subject.clock(&mut room, script, limit, laps);
    };
    match entry.memory {
        Memory::System => in_fork(replay),
        Memory::Fixed | Memory::Arena => {
            replay();
            Ok(())
        }
    }
}

/// Sorts the calls into histograms, one for each kind and class and one for each kind. `laps` are
/// those of one replay after another.
fn quantiles(clock: Clock, script: &Script, laps: &[u32]) -> Vec<Latency> {
    let mut classes: BTreeMap<(Kind, Option<usize>), Tally> = BTreeMap::new();
    let mut sizes = vec![0; script.n_slots];
    let mut of_call = Vec::with_capacity(REPLAYS);
    for (op, step) in script.steps.iter().enumerate() {
        let (kind, size) = call(*step, &mut sizes);
        of_call.clear();
        of_call.extend(laps.iter().skip(op).step_by(script.steps.len()));
        let ticks = clock.ticks_of_call(&mut of_call);
        for class in [None, Some(class(size))] {
            classes.entry((kind, class)).or_default().add(ticks);
        }
    }
    let rows = classes.iter();
    rows.map(|((kind, class), tally)| tally.row(*kind, *class, clock))
        .collect()
}

/// What is called, and how large the block is: after a resize, before a free.
fn call(step: Step, sizes: &mut [usize]) -> (Kind, usize) {
    let mut fill = |slot: u32, layout: PackedLayout| {
        sizes[slot as usize] = layout.size();
        layout.size()
    };
    match step {
        Step::Allocate { slot, layout, .. } => (Kind::Allocate, fill(slot, layout)),
        Step::Resize { slot, new } => (Kind::Resize, fill(slot, new)),
        Step::Free { slot } => (Kind::Free, sizes[slot as usize]),
    }
}

/// The largest size of the class of `size`: 16, 64, 256, and so on by fours.
fn class(size: usize) -> usize {
    let mut most: usize = 16;
    while most < size {
        most = most.saturating_mul(4);
    }
    most
}

/// The calls of one class.
struct Tally {
    /// In parts of a tick.
    parts: Histogram<u64>,
    max: f64,
}

impl Default for Tally {
    fn default() -> Self {
        // Three digits of precision up to 2³² ticks, which is all that a lap can hold.
        let parts = Histogram::new_with_bounds(1, 1 << 36, 3);
        Self {
            parts: parts.expect("the bounds are in order"),
            max: 0.0,
        }
    }
}

impl Tally {
    fn add(&mut self, ticks: f64) {
        self.parts.saturating_record((ticks * PARTS) as u64);
        self.max = self.max.max(ticks);
    }

    fn row(&self, kind: Kind, size_up_to: Option<usize>, clock: Clock) -> Latency {
        let at = |quantile| {
            let parts = self.parts.value_at_quantile(quantile);
            clock.nanos((parts as f64 / PARTS).min(self.max))
        };
        Latency {
            kind,
            size_up_to,
            n: self.parts.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p99_9: at(0.999),
            p99_99: at(0.9999),
            max: clock.nanos(self.max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_powers_of_four() {
        let classes = [1, 16, 17, 64, 65, 4097].map(class);
        assert_eq!(classes, [16, 16, 64, 64, 256, 16384]);
        assert_eq!(class(usize::MAX), usize::MAX);
    }

    #[test]
    fn quantiles_are_of_the_calls_of_a_class() {
        let mut tally = Tally::default();
        for ticks in 0..10_000 {
            tally.add(f64::from(ticks));
        }
        let row = tally.row(Kind::Free, None, Clock::calibrate());
        let per_tick = row.max / 9_999.0;
        let near = |ns: f64, ticks: f64| (ns / per_tick / ticks - 1.0).abs() < 0.01;
        assert!(near(row.p50, 5_000.0) && near(row.p99, 9_900.0), "{row:?}");
        assert!(row.p99_99 <= row.max, "{row:?}");
        assert_eq!(row.n, 10_000);
    }
}
