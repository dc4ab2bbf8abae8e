//! Random programs on small heaps, compared with a model that knows every granule.

use crate::common::{bytes, filled};
use core::alloc::Layout;
use core::ops::ControlFlow;
use core::ptr::NonNull;
use core_api::{Allocator, BlockState, Fixed, Inspect};
use headerless::HeaderlessHeap;
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Op {
    Allocate { size: usize, align: usize },
    Free { which: usize },
    Resize { which: usize, size: usize },
}

/// Sizes and alignments that leave pads and short rests.
fn ops() -> impl Strategy<Value = Vec<Op>> {
    let sizes = || prop_oneof![4 => 0..=72_usize, 1 => 0..=700_usize];
    let op = prop_oneof![
        4 => (sizes(), 3..8_u32).prop_map(|(size, log2)| Op::Allocate { size, align: 1 << log2 }),
        3 => any::<usize>().prop_map(|which| Op::Free { which }),
        2 => (any::<usize>(), sizes()).prop_map(|(which, size)| Op::Resize { which, size }),
    ];
    prop::collection::vec(op, 1..120)
}

/// A live block: its place, and the layout that fits it.
type Live = (NonNull<u8>, Layout);

/// Bytes of heap that a block takes.
fn span((block, layout): &Live) -> (usize, usize) {
    let start = block.addr().get();
    (start, start + layout.size().next_multiple_of(8).max(16))
}

fn run(heap: &mut HeaderlessHeap<Fixed>, live: &mut Vec<Live>, op: Op) {
    match op {
        Op::Allocate { size, align } => {
            let layout = Layout::from_size_align(size, align).expect("a valid layout");
            if let Ok(block) = heap.allocate(layout) {
                live.push((block.cast(), layout));
            }
        }
        Op::Free { which } if !live.is_empty() => {
            let (block, layout) = live.swap_remove(which % live.len());
            // SAFETY: the block is live and the layout fits it.
            unsafe { heap.deallocate(block, layout) };
        }
        Op::Resize { which, size } if !live.is_empty() => {
            let index = which % live.len();
            let (block, old) = live[index];
            let new = Layout::from_size_align(size, old.align()).expect("a valid layout");
            // SAFETY: the block is live and `old` fits it.
            if unsafe { heap.resize_in_place(block, old, size) }.is_ok() {
                live[index].1 = new;
            }
        }
        Op::Free { .. } | Op::Resize { .. } => {}
    }
}

/// Returns the ranges of the heap that the walk shows as free, including pads.
fn free(heap: &HeaderlessHeap<Fixed>) -> Vec<(usize, usize)> {
    let mut blocks = Vec::new();
    let _ = heap.walk(&mut |block| {
        blocks.push(block);
        ControlFlow::Continue(())
    });
    let inner = blocks.len().saturating_sub(1);
    let all = blocks.into_iter().take(inner).skip(1);
    all.filter(|block| block.state != BlockState::Used)
        .map(|block| (block.address, block.end()))
        .collect()
}

/// Returns the parts of a range of bytes that no live block covers.
fn gaps(live: &[Live], (start, end): (usize, usize)) -> Vec<(usize, usize)> {
    let mut spans: Vec<_> = live.iter().map(span).collect();
    spans.sort_unstable();
    let mut gaps = Vec::new();
    let mut from = start;
    for (start, end) in spans.into_iter().chain([(end, end)]) {
        assert!(from <= start, "blocks overlap");
        if from < start {
            gaps.push((from, start));
        }
        from = end;
    }
    gaps
}

proptest! {
    /// The heap's free granules are exactly those that no live block has. Payloads are full of words that could
    /// be sizes and links. Only the word 1 is missing: two of them look like a pad, which the walk cannot
    /// distinguish from a real one.
    #[test]
    fn everything_that_is_not_used_is_free(
        ops in ops(),
        n_granules in 60..600_usize,
        fill in prop::collection::vec(prop_oneof![Just(0), 2..200_u32], 1..4),
    ) {
        let region = filled(n_granules * 8);
        // SAFETY: the test uses the region for this heap alone.
        let mut heap = HeaderlessHeap::new(unsafe { Fixed::new(region) });
        if heap.allocate(bytes(0)).map(|block| {
            // SAFETY: the heap returned the block just now.
            unsafe { heap.deallocate(block.cast(), bytes(0)) }
        }).is_err() {
            return Ok(());
        }
        let whole = free(&heap);
        prop_assert_eq!(whole.len(), 1);
        let mut live = Vec::new();
        for op in ops {
            run(&mut heap, &mut live, op);
            for (block, layout) in &live {
                write(*block, layout.size() / 4, &fill);
            }
            prop_assert_eq!(heap.check(), Ok(()));
            prop_assert_eq!(free(&heap), gaps(&live, whole[0]));
        }
        for (block, layout) in live.drain(..) {
            // SAFETY: the block is live and the layout fits it.
            unsafe { heap.deallocate(block, layout) };
        }
        prop_assert_eq!(free(&heap), whole);
    }
}

/// Fills a block with words; some of them look like the size of a short block.
fn write(block: NonNull<u8>, n_words: usize, fill: &[u32]) {
    for (index, &word) in fill.iter().cycle().take(n_words).enumerate() {
        // SAFETY: the word lies in a live block.
        unsafe { block.cast::<u32>().add(index).write(word) };
    }
}
