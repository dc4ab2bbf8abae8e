//! What is given back: resident memory after everything is freed, while a program idles on.

use std::ops::ControlFlow;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Observer, Seen};
use crate::allocators::{Entry, Memory};
use crate::memory::Room;
use crate::process::Resident;
use crate::report::Drain;
use crate::script::Script;
use crate::subject::touch_pages;

/// Between two allocations of the program that idles.
const BEAT: Duration = Duration::from_millis(10);

/// Resident memory of `entry` after the live blocks of the peak of `script` are freed, up to a
/// second later or five; `None` for fixed heaps, which give nothing back.
pub(crate) fn drain(
    entry: &Entry,
    script: &Script,
    five_seconds: bool,
    limit: Duration,
) -> Option<Drain> {
    if entry.memory != Memory::System {
        return None;
    }
    let seconds = if five_seconds { 5 } else { 1 };
    let beats = seconds * 1000 / BEAT.as_millis() as usize;
    let (draining, n_full, n_empty) = script.drained(beats);
    let mut watch = Watch {
        n_full,
        n_empty,
        before: Resident::start(),
        empty_since: Instant::now(),
        seen: Vec::with_capacity(2 + beats),
    };
    let limit = limit + Duration::from_secs(seconds as u64 * 2);
    let mut room = Room::new(0);
    entry
        .subject
        .observe(&mut room, &draining, limit, &mut watch);
    watch.drain(beats)
}

/// Samples when everything is live, when nothing is, and at each beat after.
struct Watch {
    n_full: usize,
    n_empty: usize,
    before: Resident,
    empty_since: Instant,
    seen: Vec<usize>,
}

impl Watch {
    fn drain(&self, beats: usize) -> Option<Drain> {
        // Two samples, and one for each beat.
        let after = |seconds: f64| {
            let beat = (seconds / BEAT.as_secs_f64()).round() as usize;
            self.seen.get(1 + beat).copied()
        };
        (self.seen.len() == 2 + beats).then_some(())?;
        Some(Drain {
            before: self.seen[0],
            at_once: self.seen[1],
            after_100ms: after(0.1)?,
            after_1s: after(1.0)?,
            after_5s: after(5.0),
        })
    }
}

impl Observer for Watch {
    fn after(&mut self, seen: Seen<'_>) -> ControlFlow<()> {
        let done = seen.op + 1;
        if let Some((block, layout)) = seen.placed() {
            touch_pages(block, layout.size());
        }
        let is_beat = done > self.n_empty && (done - self.n_empty).is_multiple_of(2);
        if is_beat {
            let beats = (done - self.n_empty) / 2;
            let due = self.empty_since + BEAT * beats as u32;
            sleep(due.saturating_duration_since(Instant::now()));
        }
        if done == self.n_empty {
            self.empty_since = Instant::now();
        }
        if done == self.n_full || done == self.n_empty || is_beat {
            self.seen.push(self.before.now().anonymous);
        }
        ControlFlow::Continue(())
    }
}
