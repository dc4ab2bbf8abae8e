//! The replay on one allocator, with a look at its memory at some moments.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use super::account::{Account, LiveBlock};
use super::pages::resident;
use super::sites::Sites;
use super::{Explained, Moment, Parts, Pin};
use crate::allocators::{BASELINE, Entry, Memory};
use crate::measure::{End, Observer, Pages, Seen};
use crate::memory::Room;
use crate::process::{Resident, has_huge_pages};
use crate::script::{Script, Step};
use crate::subject::touch_pages;

/// Sites that are named.
const MOST_PINS: usize = 10;

/// More blocks than lie in a page.
const MOST_KEEPERS: usize = 1024;

/// The memory of `entry` over `script`, whose blocks were asked for by `stacks`, if that file is known.
///
/// # Errors
///
/// The file of stacks cannot be read, or the replay does not end.
pub(crate) fn explained(
    entry: &Entry,
    script: &Script,
    stacks: Option<&Path>,
    n_moments: usize,
    limit: Duration,
) -> Result<Explained> {
    let sites = Sites::new(stacks, script)?;
    let mut room = Room::new(entry.room_len(script));
    let mut watch = Watch::new(script, &sites, n_moments, entry.name == BASELINE);
    // A heap in memory that it is given holds the pages that its blocks have touched so far.
    if entry.memory != Memory::System {
        watch.given = Some((Pages::new(), entry.subject.state_len()));
    }
    match entry.subject.observe(&mut room, script, limit, &mut watch) {
        Some(End::Whole | End::Enough) => Ok(watch.explained(entry.name)),
        Some(End::Stopped(stop)) => bail!("the replay stopped: {stop:?}"),
        None => bail!("its calls cannot be seen one by one"),
    }
}

/// Watches a replay. All that it needs is there, and touched, before the first call.
struct Watch<'a> {
    script: &'a Script,
    sites: &'a Sites,
    distance: usize,
    is_libc: bool,
    n_allocations: usize,
    /// The block of each slot.
    slots: Vec<LiveBlock>,
    /// The live blocks, sorted by address.
    sorted: Vec<LiveBlock>,
    /// Free bytes kept by each site, at this moment and at the one with the most.
    kept: Vec<f64>,
    most: Vec<f64>,
    n_of_most: Vec<usize>,
    most_partly: usize,
    pinned_at: usize,
    keepers: Vec<u32>,
    moments: Vec<Moment>,
    before: Option<Resident>,
    /// The pages of a heap that was given its memory, and the bytes of its state beside them.
    given: Option<(Pages, usize)>,
}

/// No block: its size is 0, which no request's is.
const NONE: LiveBlock = LiveBlock {
    address: 0,
    size: 0,
    site: 0,
};

impl<'a> Watch<'a> {
    fn new(script: &'a Script, sites: &'a Sites, n_moments: usize, is_libc: bool) -> Self {
        let n_sites = sites.names.len();
        Self {
            distance: script.steps.len().div_ceil(n_moments.max(1)),
            script,
            sites,
            is_libc,
            n_allocations: 0,
            slots: touched(script.n_slots, NONE),
            sorted: touched(script.n_slots, NONE),
            kept: touched(n_sites, 0.0),
            most: touched(n_sites, 0.0),
            n_of_most: touched(n_sites, 0),
            most_partly: 0,
            pinned_at: 0,
            keepers: Vec::with_capacity(MOST_KEEPERS),
            moments: touched(n_moments + 2, Moment::default())
                .into_iter()
                .take(0)
                .collect(),
            before: None,
            given: None,
        }
    }

    fn keep(&mut self, seen: Seen<'_>) {
        let slot = &mut self.slots[seen.step.slot() as usize];
        let site = match seen.step {
            Step::Allocate { .. } => {
                self.n_allocations += 1;
                self.sites.of[self.n_allocations - 1]
            }
            _ => slot.site,
        };
        *slot = seen.placed().map_or(NONE, |(block, layout)| LiveBlock {
            address: block.addr().get(),
            size: layout.size(),
            site,
        });
    }

    fn look(&mut self, seen: Seen<'_>) {
        let anonymous = || self.before.map_or(0, |before| before.now().anonymous);
        let in_all = match &self.given {
            Some((pages, state_len)) => pages.bytes() + state_len,
            None => anonymous(),
        };
        self.sorted.clear();
        self.sorted
            .extend(self.slots.iter().filter(|block| block.size > 0));
        self.sorted.sort_unstable_by_key(|block| block.address);
        self.kept.fill(0.0);
        let parts = match seen.heap {
            Some(heap) => {
                let has_huge = has_huge_pages();
                let held = |range| match &self.given {
                    Some((pages, _)) => (pages.bytes_in(range), 0),
                    None => resident(range, has_huge),
                };
                let (kept, keepers) = (&mut self.kept, &mut self.keepers);
                let mut parts = Account::of(heap, &self.sorted, &held, kept, keepers);
                parts.metadata += self.given.as_ref().map_or(0, |(_, state_len)| *state_len);
                parts
            }
            None => self.without_walk(),
        };
        if seen.heap.is_some() && parts.partly > self.most_partly {
            self.most_partly = parts.partly;
            self.pinned_at = seen.op + 1;
            std::mem::swap(&mut self.most, &mut self.kept);
            self.n_of_most.fill(0);
            for block in &self.sorted {
                self.n_of_most[block.site as usize] += 1;
            }
        }
        self.moments.push(Moment {
            op: seen.op + 1,
            resident: in_all,
            parts,
        });
    }

    /// What is known without a walk: of libc, the usable size of each block, and the free bytes of its statistics.
    fn without_walk(&self) -> Parts {
        let live = self.sorted.iter().map(|block| block.size).sum();
        let mut parts = Parts {
            live,
            ..Parts::default()
        };
        if self.is_libc {
            let (padding, free) = of_libc(&self.sorted);
            parts.padding = padding;
            parts.metadata = self.sorted.len() * size_of::<usize>();
            parts.partly = free;
        }
        parts
    }

    fn explained(self, name: &str) -> Explained {
        let mut pins: Vec<Pin> = (0..self.sites.names.len())
            .filter(|site| self.most[*site] >= 1.0)
            .map(|site| Pin {
                site: self.sites.names[site].clone(),
                bytes: self.most[site] as usize,
                n_blocks: self.n_of_most[site],
            })
            .collect();
        pins.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.site.cmp(&b.site)));
        pins.truncate(MOST_PINS);
        Explained {
            allocator: name.to_string(),
            moments: self.moments,
            pins,
            pinned_at: self.pinned_at,
        }
    }
}

impl Observer for Watch<'_> {
    fn before(&mut self, _: Seen<'_>) {
        self.before.get_or_insert_with(Resident::start);
    }

    fn after(&mut self, seen: Seen<'_>) -> ControlFlow<()> {
        if let Some((block, layout)) = seen.placed() {
            touch_pages(block, layout.size());
        }
        self.keep(seen);
        if let Some((pages, _)) = &mut self.given {
            pages.add(seen);
        }
        let is_last = seen.op + 1 == self.script.steps.len();
        if (seen.op + 1).is_multiple_of(self.distance)
            || seen.op == self.script.peak_step
            || is_last
        {
            self.look(seen);
        }
        ControlFlow::Continue(())
    }
}

/// A vector whose pages are resident.
fn touched<T: Clone>(n: usize, value: T) -> Vec<T> {
    std::hint::black_box(vec![value; n])
}

/// Bytes beyond the requests in libc's blocks, and its free bytes.
#[cfg(target_env = "gnu")]
fn of_libc(live: &[LiveBlock]) -> (usize, usize) {
    // SAFETY: the call takes nothing and returns numbers.
    let info = unsafe { libc::mallinfo2() };
    let requested: usize = live.iter().map(|block| block.size).sum();
    let headers = std::mem::size_of_val(live) / size_of::<LiveBlock>() * size_of::<usize>();
    (
        (info.uordblks + info.hblkhd).saturating_sub(requested + headers),
        info.fordblks,
    )
}

#[cfg(not(target_env = "gnu"))]
fn of_libc(_: &[LiveBlock]) -> (usize, usize) {
    (0, 0)
}
