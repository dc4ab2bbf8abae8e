//! Scenarios: blocks are long enough, aligned, distinct and zeroed.

use super::super::lab::Lab;
use super::super::{Failure, Verdict};
use super::{layout, must_allocate, must_succeed};

/// The largest alignment to test: that of a huge page.
const MAX_ALIGN: usize = 2 << 20;

/// One block can be allocated, is long enough, and can be freed.
pub(super) fn first_block(lab: &Lab<'_>) -> Verdict {
    lab.trial(&mut |trial| {
        let id = must_allocate(trial, 100, 8)?;
        trial.deallocate(id)
    })
}

/// A request of size 0 gets a block with an address of its own, at any alignment.
pub(super) fn size_zero(lab: &Lab<'_>) -> Verdict {
    lab.trial(&mut |trial| {
        for log2 in 0..=12 {
            must_allocate(trial, 0, 1 << log2)?;
        }
        let id = must_allocate(trial, 0, 8)?;
        trial.grow(id, layout(100, 8)?)?;
        trial.shrink(id, layout(0, 8)?)?;
        trial.resize_in_place(id, 0)?;
        trial.deallocate_all()
    })
}

/// Many blocks of many sizes share no byte, and freeing some does not change the others.
pub(super) fn distinct_blocks(lab: &Lab<'_>) -> Verdict {
    lab.trial_in(0, 256 << 10, &mut |trial| {
        for size in (0..=256).chain([511, 512, 513, 1000, 4095, 4096, 4097]) {
            must_allocate(trial, size, 8)?;
        }
        for which in 0..100 {
            let id = trial.shadow().nth(which);
            trial.deallocate(id.ok_or_else(|| Failure::new("blocks got lost"))?)?;
        }
        for size in 0..=100 {
            trial.allocate(layout(size, 1)?)?;
        }
        trial.deallocate_all()
    })
}

/// Blocks start at a multiple of their alignment, up to 2 MiB.
pub(super) fn alignment(lab: &Lab<'_>) -> Verdict {
    for log2 in 0..=MAX_ALIGN.trailing_zeros() {
        let align = 1 << log2;
        // The region starts unaligned and has room for the block wherever its alignment puts it.
        let len = 4 * align + (64 << 10);
        lab.trial_in(24, len, &mut |trial| {
            if len <= lab.heap_len || lab.own_memory {
                must_allocate(trial, 1, align)?;
            }
            for size in [1, align / 2 + 3, 1000, align, 0] {
                trial.allocate(layout(size, align)?)?;
                // A small block in between, so that the next does not start aligned by chance.
                trial.allocate(layout(1, 1)?)?;
            }
            trial.deallocate_all()
        })?;
    }
    Ok(())
}

/// Zeroed blocks are zero even if the memory was in use before.
pub(super) fn zeroed(lab: &Lab<'_>) -> Verdict {
    const SIZES: [usize; 10] = [0, 1, 7, 8, 24, 100, 1000, 4096, 5000, 20_000];
    lab.trial_in(0, 256 << 10, &mut |trial| {
        for round in 0..3 {
            for size in SIZES {
                let align = if round == 2 { 64 } else { 8 };
                let id = trial.allocate_zeroed(layout(size, align)?)?;
                if round == 0 && id.is_none() {
                    return Err(must_succeed("allocate_zeroed", size, align));
                }
            }
            trial.deallocate_all()?;
        }
        Ok(())
    })
}
