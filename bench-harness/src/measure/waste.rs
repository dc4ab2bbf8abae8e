//! What used blocks hold that nobody asked for, by its reason: from the heap walk and the
//! addresses and sizes that the replay knows.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Duration;

use core_api::{Block, BlockState, HeapStats, Inspect};

use super::{Live, Observer, Seen};
use crate::allocators::Entry;
use crate::memory::Room;
use crate::packed::PackedLayout;
use crate::report::Waste;
use crate::script::Script;

/// Room beside the block for whatever an allocator keeps in its heap.
const BESIDE: usize = 64 << 10;
const LIMIT: Duration = Duration::from_secs(1);

/// Takes used blocks apart.
///
/// How long a block for a request is at least is asked of the allocator itself: it is the block
/// that it makes on a fresh heap.
pub(crate) struct Dissector<'a> {
    entry: &'a Entry,
    room: Room,
    fresh: HashMap<PackedLayout, Option<usize>>,
}

impl<'a> Dissector<'a> {
    /// For an allocator and the requests of a script.
    pub(crate) fn new(entry: &'a Entry, script: &Script) -> Self {
        let largest = script.requests().map(PackedLayout::size).max();
        Self {
            entry,
            room: Room::new(largest.unwrap_or(0).saturating_mul(2) + BESIDE),
            fresh: HashMap::new(),
        }
    }

    /// The waste in `heap` with these blocks live, and the walk's sums. No waste if the walk does
    /// not tell one block from the next, or if the process has one heap, none of which is ever fresh.
    pub(crate) fn dissect(
        &mut self,
        heap: &dyn Inspect,
        live: &Live,
    ) -> (Option<Waste>, HeapStats) {
        let mut blocks: Vec<(usize, PackedLayout)> = live
            .blocks()
            .map(|(block, layout)| (block.addr().get(), layout))
            .collect();
        blocks.sort_unstable_by_key(|(address, _)| *address);
        if self.entry.shared.is_some() {
            return (None, heap.stats());
        }
        let (mut waste, mut stats) = (Some(Waste::default()), HeapStats::default());
        let _ = heap.walk(&mut |block| {
            stats.add(block);
            let more = match block.state {
                BlockState::Free => Some(Waste::default()),
                BlockState::Metadata => Some(Waste {
                    header: block.size,
                    ..Waste::default()
                }),
                BlockState::Used => self.used(block, within(&blocks, block)),
                _ => None,
            };
            waste = waste.zip(more).map(|(sum, more)| sum.and(more));
            ControlFlow::Continue(())
        });
        (waste, stats)
    }

    /// The waste of a used block, which holds one live block.
    fn used(&mut self, block: Block, live: &[(usize, PackedLayout)]) -> Option<Waste> {
        let [(address, layout)] = live else {
            return None;
        };
        let padding = address.saturating_sub(block.address + block.overhead);
        let rest = block.payload().checked_sub(padding + layout.size())?;
        let fresh = self.fresh(*layout)?;
        let rounding = rest.min(fresh.saturating_sub(layout.size()));
        Some(Waste {
            header: block.overhead,
            padding,
            rounding,
            slack: rest - rounding,
        })
    }

    /// Payload bytes of the block for `layout` on a fresh heap, without padding.
    fn fresh(&mut self, layout: PackedLayout) -> Option<usize> {
        if let Some(known) = self.fresh.get(&layout) {
            return *known;
        }
        let script = Script::of_one_request(layout);
        let mut payload = Payload(None);
        self.entry
            .subject
            .observe(&mut self.room, &script, LIMIT, &mut payload);
        self.fresh.insert(layout, payload.0);
        payload.0
    }
}

/// Those of `blocks`, which are sorted, that start in `block`.
fn within(blocks: &[(usize, PackedLayout)], block: Block) -> &[(usize, PackedLayout)] {
    let start = blocks.partition_point(|(address, _)| *address < block.address);
    let n = blocks[start..].partition_point(|(address, _)| *address < block.end());
    &blocks[start..start + n]
}

impl Waste {
    fn and(self, other: Self) -> Self {
        Self {
            header: self.header + other.header,
            padding: self.padding + other.padding,
            rounding: self.rounding + other.rounding,
            slack: self.slack + other.slack,
        }
    }
}

/// Finds out how many bytes the block of the step just done has from its address on.
struct Payload(Option<usize>);

impl Observer for Payload {
    fn after(&mut self, seen: Seen<'_>) -> ControlFlow<()> {
        if let (Some(heap), Some(address)) = (seen.heap, seen.block) {
            let address = address.addr().get();
            let _ = heap.walk(&mut |block| {
                let is_it = block.state == BlockState::Used
                    && (block.address..block.end()).contains(&address);
                if is_it {
                    self.0 = Some(block.end() - address);
                }
                ControlFlow::Continue(())
            });
        }
        ControlFlow::Break(())
    }
}
