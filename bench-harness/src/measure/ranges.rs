//! The addresses that blocks have taken up, without what lies between.

use std::ops::Range;

use core_api::Region;

/// The longest gap between two blocks that still counts as part of the heap, in bytes.
const GAP: usize = 64 << 10;

/// The most ranges that are told apart: gaps are closed, shortest first, until there are no more.
const MAX: usize = 64;

/// Ranges of addresses side by side, as if they touched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ranges {
    /// The first address of each, and its offset; in order.
    starts: Vec<(usize, usize)>,
    len: usize,
}

impl Ranges {
    /// From where to where these blocks lie: one range from the start of `heap` if they all lie in it,
    /// else what memory they took up elsewhere, gap by gap. O(n log n).
    pub(crate) fn new(heap: Option<Region>, blocks: impl Iterator<Item = Range<usize>>) -> Self {
        let blocks: Vec<Range<usize>> = blocks.collect();
        let low = blocks.iter().map(|block| block.start).min();
        let high = blocks.iter().map(|block| block.end).max();
        let (low, high) = (low.unwrap_or(0), high.unwrap_or(0));
        match heap {
            Some(heap) if heap.start() <= low && high <= heap.end() => Self {
                starts: vec![(heap.start(), 0)],
                len: high - heap.start(),
            },
            _ => Self::side_by_side(&stretches(blocks)),
        }
    }

    fn side_by_side(ranges: &[Range<usize>]) -> Self {
        let mut len = 0;
        let mut starts = Vec::with_capacity(ranges.len());
        for range in ranges {
            starts.push((range.start, len));
            len += range.len();
        }
        Self { starts, len }
    }

    /// Bytes of all ranges together.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The offset of each range's first byte.
    pub(crate) fn offsets(&self) -> impl Iterator<Item = usize> {
        self.starts.iter().map(|(_, offset)| *offset)
    }

    /// The offset of an address in one of the ranges.
    pub(crate) fn offset(&self, address: usize) -> usize {
        let behind = self.starts.partition_point(|(start, _)| *start <= address);
        let (start, offset) = self.starts[behind.saturating_sub(1)];
        offset + (address - start)
    }
}

/// What the blocks took up, in order, at most [`MAX`] stretches.
fn stretches(mut blocks: Vec<Range<usize>>) -> Vec<Range<usize>> {
    blocks.sort_unstable_by_key(|block| block.start);
    let mut gap = GAP;
    let mut stretches = joined(blocks, gap);
    while stretches.len() > MAX {
        gap *= 2;
        stretches = joined(stretches, gap);
    }
    stretches
}

/// Joins those that are less than `gap` apart.
fn joined(ordered: Vec<Range<usize>>, gap: usize) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for next in ordered {
        match joined.last_mut() {
            Some(last) if next.start < last.end.saturating_add(gap) => {
                last.end = last.end.max(next.end);
            }
            _ => joined.push(next),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(blocks: &[Range<usize>]) -> Ranges {
        Ranges::new(None, blocks.iter().cloned())
    }

    #[test]
    fn what_lies_far_apart_is_put_side_by_side() {
        let far = 1 << 40;
        let ranges = of(&[far..far + 100, 1000..1200, 1400..1500, far + 300..far + 400]);
        assert_eq!(ranges.offsets().collect::<Vec<_>>(), [0, 500]);
        assert_eq!(ranges.len(), 500 + 400);
        assert_eq!(ranges.offset(1000), 0);
        assert_eq!(ranges.offset(1400), 400);
        assert_eq!(ranges.offset(far), 500);
        assert_eq!(ranges.offset(far + 300), 800);
    }

    #[test]
    fn a_gap_is_left_out_from_its_length_on() {
        assert_eq!(of(&[0..10, 9 + GAP..20 + GAP]).starts.len(), 1);
        assert_eq!(of(&[0..10, 10 + GAP..20 + GAP]).starts.len(), 2);
    }

    #[test]
    fn of_many_ranges_the_nearest_become_one() {
        let at = |index: usize| {
            let apart = if index < 40 { 2 * GAP } else { 64 * GAP };
            index * apart..index * apart + 8
        };
        let ranges = of(&(0..100).map(at).collect::<Vec<_>>());
        assert_eq!(ranges.starts.len(), 61);
        assert_eq!(ranges.offset(39 * 2 * GAP), 39 * 2 * GAP);
    }

    #[test]
    fn no_blocks_are_an_empty_heap() {
        assert_eq!(of(&[]).len(), 0);
    }
}
