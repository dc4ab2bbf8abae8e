//! The free lists in their own order, followed from block to block as the stage would.

use std::collections::{BTreeMap, BTreeSet};

use coalescing::bins::bin_of;

use crate::lab::Lab;
use crate::stage::Format;
use crate::walk::{Record, State, WAITING};

/// Bytes of a granule.
pub(crate) const GRANULE: u32 = 8;

/// Bytes of the header of [`Format::Bits`].
const TAG: u32 = 4;

/// The bit of that header that says used, as the header of a block in a quick list does.
const USED: u32 = 1;

/// Bytes of the header of [`Format::Letters`].
const HEADER: u32 = 8;

/// A list of free blocks.
pub(crate) struct List {
    /// As [`Record::list`].
    pub(crate) number: u32,
    /// Their offsets, in the list's order.
    pub(crate) blocks: Vec<u32>,
}

/// Returns the lists that hold a block; none for stages without a list, or with lists that are not followed here. A
/// block in no list, such as the end that is still whole, is left out.
///
/// Bins come from small sizes to large ones, and behind them the quick lists.
pub(crate) fn lists(lab: &Lab, records: &[Record]) -> Vec<List> {
    let free: Vec<&Record> = records
        .iter()
        .filter(|one| one.state == State::Free)
        .collect();
    match lab.stage().format() {
        Format::None => Vec::new(),
        Format::Letters => linked(lab, &free),
        Format::Bits => {
            let mut lists = binned(lab, &free);
            lists.extend(waiting(lab, &free));
            lists
        }
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
fn linked(lab: &Lab, free: &[&Record]) -> Vec<List> {
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
    let head = nodes.iter().copied().find(|node| !targets.contains(node));
    let blocks = chain(head, nodes.len(), |node| {
        next.get(&node).copied().filter(|next| nodes.contains(next))
    });
    match blocks.is_empty() {
        true => Vec::new(),
        false => vec![List { number: 0, blocks }],
    }
}

/// Returns the nodes from `head` on, at most `most` of them: the links of a damaged heap may form a circle.
fn chain(head: Option<u32>, most: usize, next: impl Fn(u32) -> Option<u32>) -> Vec<u32> {
    std::iter::successors(head, |&node| next(node))
        .take(most)
        .collect()
}

/// Returns a word of a free block with boundary tags.
pub(crate) fn word(lab: &Lab, offset: u32) -> u32 {
    let bytes = lab.memory().bytes(offset, 4);
    bytes.try_into().map_or(0, u32::from_le_bytes)
}

/// Follows each bin's list from the block whose link back leads to a head. Links count granules, up to the payload.
fn binned(lab: &Lab, free: &[&Record]) -> Vec<List> {
    let nodes: BTreeMap<u32, &Record> = free
        .iter()
        .filter(|one| one.size >= 16 && word(lab, one.offset) >> 2 != 0)
        .map(|one| (one.offset, *one))
        .collect();
    let target = |node: u32, link: u32| {
        let payload = word(lab, node + TAG + link).wrapping_mul(GRANULE);
        Some(payload.wrapping_sub(TAG)).filter(|node| nodes.contains_key(node))
    };
    let heads = nodes
        .keys()
        .copied()
        .filter(|&node| target(node, TAG).is_none());
    let lists = heads.map(|head| List {
        number: bin_of(nodes[&head].size / GRANULE),
        blocks: chain(Some(head), nodes.len(), |node| target(node, 0)),
    });
    let mut lists: Vec<List> = lists.collect();
    lists.sort_unstable_by_key(|list| list.number);
    lists
}

/// Follows the quick lists: singly linked, of blocks whose headers have the size 0. The second word of the payload is
/// the size.
fn waiting(lab: &Lab, free: &[&Record]) -> Vec<List> {
    let nodes: BTreeMap<u32, &Record> = free
        .iter()
        .filter(|one| word(lab, one.offset) >> 2 == 0 && word(lab, one.offset) & USED != 0)
        .map(|one| (one.offset, *one))
        .collect();
    let next = |node: u32| {
        let payload = word(lab, node + TAG).wrapping_mul(GRANULE);
        Some(payload.wrapping_sub(TAG)).filter(|node| nodes.contains_key(node))
    };
    let targets: BTreeSet<u32> = nodes.keys().filter_map(|&node| next(node)).collect();
    let heads = nodes.keys().copied().filter(|node| !targets.contains(node));
    let lists = heads.map(|head| List {
        number: WAITING | (nodes[&head].size / GRANULE),
        blocks: chain(Some(head), nodes.len(), next),
    });
    let mut lists: Vec<List> = lists.collect();
    lists.sort_unstable_by_key(|list| list.number);
    lists
}
