//! Scenarios: content survives growing and shrinking, in place or not.

use super::super::Verdict;
use super::super::lab::Lab;
use super::{layout, must, must_allocate};

/// Sizes from one granule to several OS pages.
const STEPS: [usize; 9] = [1, 8, 24, 100, 104, 1000, 4096, 10_000, 40_000];

/// The region's length in each scenario.
const HEAP_LEN: usize = 512 << 10;

/// A block keeps its bytes when it grows: alone, with a neighbour behind it, and with changing alignments.
pub(super) fn grow(lab: &Lab<'_>) -> Verdict {
    grow_with(lab, false)
}

/// As [`grow`], and the new bytes are zero.
pub(super) fn grow_zeroed(lab: &Lab<'_>) -> Verdict {
    grow_with(lab, true)
}

fn grow_with(lab: &Lab<'_>, zeroed: bool) -> Verdict {
    for has_neighbour in [false, true] {
        for align in [8, 1, 256] {
            lab.trial_in(0, HEAP_LEN, &mut |trial| {
                let id = must_allocate(trial, 0, 8)?;
                for (step, size) in STEPS.into_iter().enumerate() {
                    if has_neighbour {
                        must_allocate(trial, 40, 8)?;
                    }
                    let align = if step % 2 == 0 { 8 } else { align };
                    let new = layout(size, align)?;
                    let done = match zeroed {
                        true => trial.grow_zeroed(id, new)?,
                        false => trial.grow(id, new)?,
                    };
                    must(done, "growing a block")?;
                }
                trial.deallocate_all()
            })?;
        }
    }
    Ok(())
}

/// A block keeps its first bytes when it shrinks, and other blocks can use the bytes that it gave up.
pub(super) fn shrink(lab: &Lab<'_>) -> Verdict {
    for align in [8, 1, 256] {
        lab.trial_in(0, HEAP_LEN, &mut |trial| {
            let id = must_allocate(trial, 50_000, 8)?;
            must_allocate(trial, 40, 8)?;
            for (step, size) in STEPS.into_iter().rev().enumerate() {
                let align = if step % 2 == 0 { 8 } else { align };
                must(trial.shrink(id, layout(size, align)?)?, "shrinking a block")?;
                trial.allocate(layout(size, 8)?)?;
            }
            must(
                trial.shrink(id, layout(0, 8)?)?,
                "shrinking a block to nothing",
            )?;
            trial.deallocate_all()
        })?;
    }
    Ok(())
}

/// A block that is resized in place keeps its bytes; a block that cannot be resized is unchanged.
pub(super) fn resize_in_place(lab: &Lab<'_>) -> Verdict {
    lab.trial_in(0, HEAP_LEN, &mut |trial| {
        for align in [8, 1, 64] {
            let id = must_allocate(trial, 1000, align)?;
            for size in [1000, 900, 8, 0, 24, 1000, 1100, 30_000] {
                trial.resize_in_place(id, size)?;
            }
            let neighbour = must_allocate(trial, 40, 8)?;
            for size in [20_000, 100, 101, 100, 1, 40_000] {
                trial.resize_in_place(id, size)?;
                trial.resize_in_place(neighbour, size / 2)?;
            }
        }
        trial.deallocate_all()
    })
}
