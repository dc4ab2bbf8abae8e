//! Statistics and the heap map.

use core::ops::ControlFlow;

use core_api::{Block, BlockState, Corruption, HeapMap, HeapStats, Inspect};
use proptest::prelude::*;

/// A heap that is nothing but what a walk shows.
struct Shown(Vec<Block>);

impl Inspect for Shown {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        self.0.iter().copied().try_for_each(visit)
    }

    fn check(&self) -> Result<(), Corruption> {
        Ok(())
    }
}

/// Blocks of these states and sizes, one after the other; used ones have 8 bytes of header.
fn shown(blocks: &[(BlockState, usize)]) -> Shown {
    let mut address = 0x1000;
    Shown(
        blocks
            .iter()
            .map(|&(state, size)| {
                let overhead = if state == BlockState::Used { 8 } else { 0 };
                let block = Block {
                    address,
                    size,
                    overhead,
                    state,
                };
                address = block.end();
                block
            })
            .collect(),
    )
}

#[test]
fn statistics_are_the_sums_of_the_walk() {
    use BlockState::{Free, Metadata, Used};
    let heap = shown(&[
        (Metadata, 16),
        (Used, 40),
        (Free, 100),
        (Used, 24),
        (Free, 20),
    ]);
    let stats = heap.stats();
    assert_eq!((stats.heap, stats.overhead), (200, 32));
    assert_eq!((stats.used, stats.n_used), (48, 2));
    assert_eq!(
        (stats.free, stats.n_free, stats.largest_free),
        (120, 2, 100)
    );
    assert!((stats.external_fragmentation() - 1.0 / 6.0).abs() < 1e-12);
}

#[test]
fn an_empty_heap_is_not_fragmented() {
    assert_eq!(HeapStats::default().external_fragmentation(), 0.0);
    let map = HeapMap::new(&shown(&[]), 10).to_string();
    assert_eq!(map, "  0 B: 0 used in 0, 0 free in 0, 0 overhead");
}

#[test]
fn the_map_shows_what_fills_most_of_each_cell() {
    use BlockState::{Free, Metadata, Used};
    let heap = shown(&[(Metadata, 20), (Used, 35), (Free, 45)]);
    let map = HeapMap::new(&heap, 10).to_string();
    assert_eq!(
        map,
        "++####....  100 B: 27 used in 1, 45 free in 1, 28 overhead"
    );
}

fn blocks() -> impl Strategy<Value = Vec<(BlockState, usize)>> {
    let states = prop::sample::select(&[BlockState::Used, BlockState::Free, BlockState::Metadata]);
    prop::collection::vec((states, 8..5000_usize), 1..40)
}

proptest! {
    #[test]
    fn the_map_is_as_wide_as_asked(blocks in blocks(), columns in 1..1000_usize) {
        let heap = shown(&blocks);
        let map = HeapMap::new(&heap, columns).to_string();
        let width = map.find(' ').expect("a summary follows");
        prop_assert!(width <= columns.min(HeapMap::MAX_COLUMNS));
        let cell_len = heap.stats().heap.div_ceil(columns.min(HeapMap::MAX_COLUMNS));
        prop_assert_eq!(width, heap.stats().heap.div_ceil(cell_len));
    }

    #[test]
    fn the_map_shows_no_state_that_is_not_there(blocks in blocks(), columns in 1..100_usize) {
        let map = HeapMap::new(&shown(&blocks), columns).to_string();
        let cells = map.split(' ').next().expect("cells come first");
        let has = |state| blocks.iter().any(|&(other, _)| other == state);
        prop_assert!(has(BlockState::Used) || !cells.contains('#'));
        prop_assert!(has(BlockState::Free) || !cells.contains('.'));
        prop_assert!(has(BlockState::Metadata) || !cells.contains('+'));
    }
}

#[test]
fn a_walk_can_be_stopped() {
    let heap = shown(&[
        (BlockState::Used, 16),
        (BlockState::Free, 16),
        (BlockState::Used, 16),
    ]);
    let mut n_seen = 0;
    let flow = heap.walk(&mut |block| {
        n_seen += 1;
        match block.state {
            BlockState::Free => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    });
    assert_eq!((flow, n_seen), (ControlFlow::Break(()), 2));
}

#[test]
fn corruption_says_what_and_where() {
    let corruption = Corruption::new("I2: sizes add up", 0x40);
    assert_eq!(corruption.to_string(), "I2: sizes add up (broken at 0x40)");
}
