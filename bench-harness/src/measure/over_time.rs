//! Memory over a run: live bytes, footprint, resident bytes, and what blocks waste.
//!
//! The footprint of a fixed heap is known after each operation: the pages in which blocks have lain
//! so far. That of an allocator that asks the OS is its resident memory, read from the kernel in a
//! replay of its own in which this process does nothing else and every page of every block is
//! touched. Address space that is reserved and never touched costs nothing and does not count. The
//! heap is walked in another replay.

use std::ops::ControlFlow;
use std::time::Duration;

use super::pages::Pages;
use super::ratios::Ratios;
use super::waste::Dissector;
use super::{End, Live, Observer, Seen};
use crate::allocators::{Entry, Memory};
use crate::memory::Room;
use crate::process::Resident;
use crate::report::{MemoryOverTime, Moment};
use crate::script::Script;
use crate::subject::touch_pages;

/// Samples of a run, beside one at the peak of live bytes.
const N_SAMPLES: usize = 100;

/// Memory of `entry` over `script`; `None` if it cannot be seen or the replay does not end.
pub(crate) fn over_time(entry: &Entry, script: &Script, limit: Duration) -> Option<MemoryOverTime> {
    let mut run = match entry.memory {
        Memory::System => resident(entry, script, limit),
        Memory::Fixed | Memory::Arena => touched(entry, script, limit),
    }?;
    walk(entry, script, limit, &mut run.moments);
    let [f1, f2, f3, f4] = run.ratios.all();
    Some(MemoryOverTime {
        moments: run.moments,
        f1,
        f2,
        f3,
        f4,
    })
}

/// Samples and ratios of one replay.
struct Run {
    moments: Vec<Moment>,
    ratios: Ratios,
}

impl Run {
    fn new() -> Self {
        Self {
            moments: Vec::with_capacity(N_SAMPLES + 2),
            ratios: Ratios::default(),
        }
    }
}

/// Whether a sample is taken after step `op`.
fn is_sampled(script: &Script, op: usize) -> bool {
    let distance = script.steps.len().div_ceil(N_SAMPLES);
    (op + 1).is_multiple_of(distance) || op == script.peak_step || op + 1 == script.steps.len()
}

fn touched(entry: &Entry, script: &Script, limit: Duration) -> Option<Run> {
    let mut room = Room::new(entry.room_len(script));
    let mut watch = Growing {
        script,
        live: Live::new(script.n_slots),
        pages: Pages::new(),
        state_len: entry.subject.state_len(),
        run: Run::new(),
    };
    let end = entry.subject.observe(&mut room, script, limit, &mut watch);
    (end == Some(End::Whole)).then_some(watch.run)
}

/// Watches a fixed heap grow.
struct Growing<'a> {
    script: &'a Script,
    live: Live,
    pages: Pages,
    state_len: usize,
    run: Run,
}

impl Observer for Growing<'_> {
    fn after(&mut self, seen: Seen<'_>) -> ControlFlow<()> {
        self.live.update(seen);
        self.pages.add(seen);
        let (live, footprint) = (self.live.bytes, self.pages.bytes() + self.state_len);
        self.run.ratios.add(live, footprint);
        if is_sampled(self.script, seen.op) {
            self.run.moments.push(Moment {
                op: seen.op + 1,
                live,
                footprint,
                resident: None,
                waste: None,
                external: None,
            });
        }
        ControlFlow::Continue(())
    }
}

fn resident(entry: &Entry, script: &Script, limit: Duration) -> Option<Run> {
    let mut watch = Paging {
        script,
        live: Live::new(script.n_slots),
        run: Run::new(),
        before: Resident::start(),
    };
    let mut room = Room::new(0);
    let end = entry.subject.observe(&mut room, script, limit, &mut watch);
    (end == Some(End::Whole)).then_some(watch.run)
}

/// Watches what a process holds of the OS, and touches every page of every block.
struct Paging<'a> {
    script: &'a Script,
    live: Live,
    run: Run,
    before: Resident,
}

impl Observer for Paging<'_> {
    fn after(&mut self, seen: Seen<'_>) -> ControlFlow<()> {
        self.live.update(seen);
        if let Some((block, layout)) = seen.placed() {
            touch_pages(block, layout.size());
        }
        if is_sampled(self.script, seen.op) {
            let now = self.before.now();
            self.run.ratios.add(self.live.bytes, now.anonymous);
            self.run.moments.push(Moment {
                op: seen.op + 1,
                live: self.live.bytes,
                footprint: now.anonymous,
                resident: Some(now.anonymous),
                waste: None,
                external: None,
            });
        }
        ControlFlow::Continue(())
    }
}

/// Fills in what the heap walk knows of `moments`; nothing if there is none.
fn walk(entry: &Entry, script: &Script, limit: Duration, moments: &mut [Moment]) {
    let mut walking = Walking {
        live: Live::new(script.n_slots),
        dissector: Dissector::new(entry, script),
        moments: moments.iter_mut(),
        script,
    };
    let mut room = Room::new(entry.room_len(script));
    entry
        .subject
        .observe(&mut room, script, limit, &mut walking);
}

/// Walks the heap at each moment.
struct Walking<'a> {
    script: &'a Script,
    live: Live,
    dissector: Dissector<'a>,
    moments: std::slice::IterMut<'a, Moment>,
}

impl Observer for Walking<'_> {
    fn after(&mut self, seen: Seen<'_>) -> ControlFlow<()> {
        let Some(heap) = seen.heap else {
            return ControlFlow::Break(());
        };
        self.live.update(seen);
        if is_sampled(self.script, seen.op)
            && let Some(moment) = self.moments.next()
        {
            let (waste, stats) = self.dissector.dissect(heap, &self.live);
            moment.waste = waste;
            moment.external = Some(stats.external_fragmentation());
        }
        ControlFlow::Continue(())
    }
}
