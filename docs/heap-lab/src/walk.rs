//! The heap as records of fixed width: what the walk tells, and which block of the program lies where.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use core_api::{Block, BlockState};

use crate::lab::{Lab, Live};
use crate::links;

/// No block, no place in a list.
pub const NONE: u32 = u32::MAX;

/// The bit of the lists whose blocks wait, unmerged, for a request of their size.
pub const WAITING: u32 = 1 << 31;

/// What a range of the heap is. The page reads the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum State {
    /// A block that the program has.
    Used,
    /// Can be handed out.
    Free,
    /// The stage's own.
    Metadata,
    /// Was handed out, and cannot be again: a freed block of `bump`, or padding.
    Lost,
}

/// A range of the heap. All lengths are in bytes, all places are offsets from the heap's start.
///
/// The page reads eight words of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Record {
    /// Where it begins, header included.
    pub offset: u32,
    /// Bytes, header included.
    pub size: u32,
    /// Bytes of metadata at its start.
    pub overhead: u32,
    /// What it is.
    pub state: State,
    /// The number of the program's block, or [`NONE`].
    pub block: u32,
    /// Bytes that the program asked for.
    pub requested: u32,
    /// Its place in its free list, from 0, or [`NONE`].
    pub rank: u32,
    /// The number of that list, or [`NONE`]: 0 for the only one, a bin's number, or [`WAITING`] and a size in granules.
    pub list: u32,
}

impl Record {
    /// Returns the offset of the payload.
    pub const fn payload(&self) -> u32 {
        self.offset + self.overhead
    }

    /// Returns the free list that it is in, in words; `None` if it is in none.
    pub fn list_name(&self) -> Option<String> {
        match (self.rank, self.list) {
            (NONE, _) => None,
            (_, 0) => Some("the list".to_owned()),
            (_, list) if list & WAITING != 0 => Some(format!(
                "the quick list of {} bytes",
                (list - WAITING) * links::GRANULE
            )),
            (_, bin) => Some(format!("bin {bin}")),
        }
    }

    /// Returns the offset one past the end.
    pub const fn end(&self) -> u32 {
        self.offset + self.size
    }
}

/// Sums over a walk, as a figure shows them. The page reads the words in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Metrics {
    /// Bytes of the heap.
    pub heap: u32,
    /// Bytes that the program asked for and has.
    pub live: u32,
    /// Bytes of free blocks.
    pub free: u32,
    /// Bytes of the largest free block.
    pub largest_free: u32,
    /// Bytes of headers and of the stage's other metadata.
    pub metadata: u32,
    /// Bytes that blocks have beyond what was asked for, and those that are lost.
    pub waste: u32,
    /// Blocks that the program has.
    pub n_live: u32,
    /// Free blocks.
    pub n_free: u32,
}

/// Walks the heap. O(blocks · log(blocks)).
///
/// `bump` and `headerless` do not tell one used block from the next. Their used ranges are cut at the blocks
/// that the program has; what is left of such a range is lost.
pub fn records(lab: &Lab) -> Vec<Record> {
    let live = lab.live();
    let mut records = Vec::new();
    let _ = lab.inspect().walk(&mut |block| {
        add(lab, &live, block, &mut records);
        ControlFlow::Continue(())
    });
    let mut places = BTreeMap::new();
    for list in links::lists(lab, &records) {
        let numbered = list.blocks.iter().zip(0..);
        places.extend(numbered.map(|(block, rank)| (*block, (rank, list.number))));
    }
    for record in &mut records {
        if let Some(&(rank, list)) = places.get(&record.offset) {
            (record.rank, record.list) = (rank, list);
        }
    }
    records
}

fn add(lab: &Lab, live: &[(u32, Live)], block: Block, records: &mut Vec<Record>) {
    let offset = lab.memory().offset(block.address);
    let range = Record {
        offset,
        size: block.size as u32,
        overhead: block.overhead as u32,
        state: match block.state {
            BlockState::Used => State::Used,
            BlockState::Free => State::Free,
            _ => State::Metadata,
        },
        block: NONE,
        requested: 0,
        rank: NONE,
        list: NONE,
    };
    if range.size == 0 {
        return;
    }
    if range.state != State::Used {
        return records.push(range);
    }
    let from = live.partition_point(|(_, live)| live.offset < offset);
    let to = live.partition_point(|(_, live)| live.offset < range.end());
    match live[from..to] {
        [(block, live)] if live.offset == range.payload() && range.overhead > 0 => {
            let requested = live.size;
            records.push(Record {
                block,
                requested,
                ..range
            });
        }
        _ => cut(range, &live[from..to], records),
    }
}

/// Cuts a range at the blocks in it.
fn cut(range: Record, live: &[(u32, Live)], records: &mut Vec<Record>) {
    let mut at = range.offset;
    let lost = |from: u32, to: u32| Record {
        offset: from,
        size: to - from,
        overhead: 0,
        state: State::Lost,
        ..range
    };
    for (block, live) in live {
        if at < live.offset {
            records.push(lost(at, live.offset));
        }
        records.push(Record {
            offset: live.offset,
            size: live.usable,
            overhead: 0,
            block: *block,
            requested: live.size,
            ..range
        });
        at = live.offset + live.usable;
    }
    if at < range.end() {
        records.push(lost(at, range.end()));
    }
}

/// Sums over the records.
pub fn metrics(records: &[Record]) -> Metrics {
    let mut sums = Metrics::default();
    for record in records {
        sums.heap += record.size;
        match record.state {
            State::Used => {
                sums.live += record.requested;
                sums.metadata += record.overhead;
                sums.waste += record.size - record.overhead - record.requested;
                sums.n_live += 1;
            }
            State::Free => {
                sums.free += record.size;
                sums.largest_free = sums.largest_free.max(record.size);
                sums.n_free += 1;
            }
            State::Metadata => sums.metadata += record.size,
            State::Lost => sums.waste += record.size,
        }
    }
    sums
}

/// Returns a number that two heaps share if their records are the same.
///
/// FNV-1a over the words of the records. All of them are 32 bits wide on every target, and the headers of the
/// stages are as well. Only the links of `freelist` and `fit-strategies` are as wide as an address; the ranks, which
/// are in the hash, do not depend on that.
pub fn hash(records: &[Record]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for record in records {
        let words = [
            record.offset,
            record.size,
            record.overhead,
            record.state as u32,
            record.block,
            record.requested,
            record.rank,
            record.list,
        ];
        for byte in words.into_iter().flat_map(u32::to_le_bytes) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash
}
