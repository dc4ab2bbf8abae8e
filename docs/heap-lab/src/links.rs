//! The free list in its own order, followed from block to block as the stage would.

use std::collections::{BTreeMap, BTreeSet};

use crate::lab::Lab;
use crate::stage::Format;
use crate::walk::{Record, State};

/// Bytes of a granule.
pub(crate) const GRANULE: u32 = 8;

/// Bytes of the header of [`Format::Bits`].
const TAG: u32 = 4;

/// Bytes of the header of [`Format::Letters`].
const HEADER: u32 = 8;

/// Returns the offsets of the free blocks in the order of the list; nothing for stages without a list, or with
/// lists that are not followed here. A block in no list, such as the end that is still whole, is left out.
///
/// Stages with bins have a list for each; the order is that of the bins, from small sizes to large ones.
pub(crate) fn free_list(lab: &Lab, records: &[Record]) -> Vec<u32> {
    let free: Vec<&Record> = records
        .iter()
        .filter(|one| one.state == State::Free)
        .collect();
    match lab.stage().format() {
        Format::None => Vec::new(),
        Format::Letters => linked(lab, &free),
        Format::Bits => binned(lab, &free),
    }
}

/// Returns where the link of a free block leads, as an offset; `None` at the end of the list.
pub(crate) fn link(lab: &Lab, block: u32) -> Option<u32> {
    let bytes = lab
        .memory()
        .bytes(block + HEADER, size_of::<usize>() as u32);
    let address = usize::from_le_bytes(bytes.try_into().ok()?);
    let start = lab.memory().base().addr().get();
    let offset = address.checked_sub(start)?;
    (offset < lab.memory().len()).then_some(offset as u32)
}

/// Follows the links of a list whose head is not in the heap: the first block is the one that no link leads to.
fn linked(lab: &Lab, free: &[&Record]) -> Vec<u32> {
    let has_header = |one: &&&Record| lab.memory().bytes(one.offset + 4, 4) == b"FREE";
    let nodes: BTreeSet<u32> = free
        .iter()
        .filter(has_header)
        .map(|one| one.offset)
        .collect();
    let next: BTreeMap<u32, u32> = nodes
        .iter()
        .filter_map(|&node| Some((node, link(lab, node)?)))
        .collect();
    let targets: BTreeSet<u32> = next.values().copied().collect();
    let mut order = Vec::new();
    let mut node = nodes.iter().copied().find(|node| !targets.contains(node));
    while let Some(here) = node.filter(|here| nodes.contains(here) && order.len() < nodes.len()) {
        order.push(here);
        node = next.get(&here).copied();
    }
    order
}

/// Returns a word of a free block with boundary tags.
pub(crate) fn word(lab: &Lab, offset: u32) -> u32 {
    let bytes = lab.memory().bytes(offset, 4);
    bytes.try_into().map_or(0, u32::from_le_bytes)
}

/// Follows each bin's list from the block whose link back leads to a head. Links count granules, up to the payload.
fn binned(lab: &Lab, free: &[&Record]) -> Vec<u32> {
    let nodes: BTreeMap<u32, &Record> = free
        .iter()
        .filter(|one| one.size >= 16 && word(lab, one.offset) >> 2 != 0)
        .map(|one| (one.offset + TAG, *one))
        .collect();
    let target = |payload: u32, at: u32| word(lab, payload + at).wrapping_mul(GRANULE);
    let mut heads: Vec<(u32, u32)> = nodes
        .keys()
        .filter(|&&payload| !nodes.contains_key(&target(payload, TAG)))
        .map(|&payload| (nodes[&payload].size, payload))
        .collect();
    heads.sort_unstable();
    let mut order = Vec::new();
    for (_, head) in heads {
        let mut node = head;
        while let Some(record) = nodes.get(&node).filter(|_| order.len() < nodes.len()) {
            order.push(record.offset);
            node = target(node, 0);
        }
    }
    order
}
