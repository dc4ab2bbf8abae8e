//! Random programs on a growing memory, compared with a model that knows every granule.

use core::alloc::Layout;
use core::ops::ControlFlow;
use core::ptr::NonNull;

use core_api::{Allocator, BlockState, Inspect};
use proptest::prelude::*;
use wasm::Heap;

use crate::common::Memory;

#[derive(Clone, Copy, Debug)]
enum Op {
    Allocate { size: usize, align: usize },
    Free { which: usize },
    Resize { which: usize, size: usize },
    Foreign,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let sizes = || prop_oneof![4 => 0..=300_usize, 2 => 0..=3000_usize, 1 => 0..=20_000_usize];
    let op = prop_oneof![
        20 => (sizes(), 0..9_u32).prop_map(|(size, log2)| Op::Allocate { size, align: 1 << log2 }),
        18 => any::<usize>().prop_map(|which| Op::Free { which }),
        10 => (any::<usize>(), sizes()).prop_map(|(which, size)| Op::Resize { which, size }),
        1 => Just(Op::Foreign),
    ];
    prop::collection::vec(op, 1..150)
}

/// A live block, the layout that fits it, and its bytes.
type Live = (NonNull<u8>, Layout, usize);

fn run<const LISTS: usize>(heap: &mut Heap<Memory, LISTS>, live: &mut Vec<Live>, op: Op) {
    match op {
        Op::Allocate { size, align } => {
            let layout = Layout::from_size_align(size, align).expect("a valid layout");
            if let Ok(block) = heap.allocate(layout) {
                live.push((block.cast(), layout, block.len()));
            }
        }
        Op::Free { which } if !live.is_empty() => {
            let (block, layout, _) = live.swap_remove(which % live.len());
            // SAFETY: the block is live and the layout fits it.
            unsafe { heap.deallocate(block, layout) };
        }
        Op::Resize { which, size } if !live.is_empty() => {
            let index = which % live.len();
            let (block, old, _) = live[index];
            let new = Layout::from_size_align(size, old.align()).expect("a valid layout");
            // SAFETY: the block is live and `old` fits it.
            if let Ok(resized) = unsafe { heap.resize_in_place(block, old, size) } {
                live[index] = (block, new, resized.len());
            }
        }
        Op::Foreign => heap.source_mut().take_page(),
        Op::Free { .. } | Op::Resize { .. } => {}
    }
}

/// Bytes of the walk that are in no live block, and not free either: pages of others.
fn lost<const LISTS: usize>(heap: &Heap<Memory, LISTS>, live: &[Live]) -> usize {
    let mut used = 0;
    let _ = heap.walk(&mut |block| {
        used += if block.state == BlockState::Used {
            block.size
        } else {
            0
        };
        ControlFlow::Continue(())
    });
    used - live.iter().map(|(_, _, len)| len).sum::<usize>()
}

fn nothing_is_lost<const LISTS: usize>(ops: Vec<Op>) -> Result<(), TestCaseError> {
    const PAGE: usize = crate::common::PAGE;
    let mut heap = Heap::<_, LISTS>::new(Memory::new(32 * PAGE));
    let mut live: Vec<Live> = Vec::new();
    let mut n_foreign = 0;
    for op in ops {
        n_foreign += usize::from(matches!(op, Op::Foreign));
        if n_foreign > 8 {
            break;
        }
        run(&mut heap, &mut live, op);
        for (block, _, len) in &live {
            // SAFETY: the bytes belong to a live block.
            unsafe { block.write_bytes(0x5A, *len) };
        }
        prop_assert_eq!(heap.check(), Ok(()));
        let lost = lost(&heap, &live);
        prop_assert!(
            lost % PAGE == 0 && lost <= n_foreign * PAGE,
            "{} bytes",
            lost
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn nothing_is_lost_with_7_lists(ops in ops()) {
        nothing_is_lost::<7>(ops)?;
    }

    #[test]
    fn nothing_is_lost_with_112_lists(ops in ops()) {
        nothing_is_lost::<112>(ops)?;
    }
}
