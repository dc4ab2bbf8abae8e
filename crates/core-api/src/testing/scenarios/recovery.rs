//! Scenarios: the allocator reuses freed memory, as far as [`Reclaims`] says.

use std::format;

use super::super::lab::Lab;
use super::super::trial::Trial;
use super::super::{Failure, Verdict};
use super::{layout, must_allocate};
use crate::Reclaims;

/// The region's length in each trial.
const HEAP_LEN: usize = 64 << 10;

/// The allocator can allocate again what [`Reclaims`] promises.
pub(super) fn recovery(lab: &Lab<'_>) -> Verdict {
    let mut reclaims = Reclaims::Nothing;
    lab.trial(&mut |trial| {
        reclaims = trial.subject().reclaims();
        Ok(())
    })?;
    if reclaims != Reclaims::Nothing {
        last_block(lab)?;
    }
    if matches!(reclaims, Reclaims::WholeBlocks | Reclaims::Everything) {
        whole_blocks(lab)?;
    }
    if reclaims == Reclaims::Everything {
        everything(lab)?;
    }
    Ok(())
}

/// Allocates and frees one block more often than such blocks fit side by side.
fn last_block(lab: &Lab<'_>) -> Verdict {
    lab.trial_in(0, HEAP_LEN, &mut |trial| {
        must_allocate(trial, 100, 8)?;
        for _ in 0..20 {
            let id =
                must_allocate(trial, HEAP_LEN / 4, 8).map_err(|failure| less_is(trial, failure))?;
            trial.deallocate(id)?;
        }
        trial.deallocate_all()
    })
}

/// Adds advice for an allocator that reclaims less.
fn less_is(trial: &Trial<'_>, mut failure: Failure) -> Failure {
    failure.broken += &format!(
        "\n`reclaims` says {:?}; an allocator that reclaims less must override it",
        trial.subject().reclaims()
    );
    failure
}

/// After frees, as many blocks of one size fit as at first.
fn whole_blocks(lab: &Lab<'_>) -> Verdict {
    for size in [1, 40, 100, 1000] {
        lab.trial_in(0, 4 << 10, &mut |trial| {
            while trial.allocate(layout(size, 8)?)?.is_some() {}
            let first = trial.shadow().n_live();
            for _ in 0..3 {
                trial.deallocate_all()?;
                while trial.allocate(layout(size, 8)?)?.is_some() {}
                let again = trial.shadow().n_live();
                if again < first {
                    let broken = format!(
                        "{first} blocks of {size} bytes fitted at first, only {again} do now"
                    );
                    return Err(less_is(trial, Failure::new(broken)));
                }
            }
            trial.deallocate_all()
        })?;
    }
    Ok(())
}

/// After many frees, a block fits that is as large as the largest in a fresh heap.
fn everything(lab: &Lab<'_>) -> Verdict {
    let max = largest(lab, 0, HEAP_LEN)?;
    for align in [8, 64] {
        lab.trial_in(0, HEAP_LEN, &mut |trial| {
            for size in [40, 1, 500, 100, 24].into_iter().cycle() {
                if trial.allocate(layout(size, align)?)?.is_none() {
                    break;
                }
            }
            trial.deallocate_all()?;
            expect_whole(trial, max)
        })?;
    }
    Ok(())
}

/// Fails unless one block of `max` bytes fits.
pub(super) fn expect_whole(trial: &mut Trial<'_>, max: usize) -> Verdict {
    match trial.allocate(layout(max, 1)?)? {
        Some(id) => trial.deallocate(id),
        None => {
            let broken = format!(
                "every block was freed, but {max} bytes cannot be allocated as they could be at first"
            );
            Err(less_is(trial, Failure::new(broken)))
        }
    }
}

/// Finds the largest block that a fresh allocator can serve, by bisection.
pub(super) fn largest(lab: &Lab<'_>, skew: usize, len: usize) -> Result<usize, Failure> {
    let (mut fits, mut too_large) = (0, len + 1);
    while too_large - fits > 1 {
        let middle = fits + (too_large - fits) / 2;
        let mut done = false;
        lab.trial_in(skew, len, &mut |trial| {
            done = trial.allocate(layout(middle, 1)?)?.is_some();
            trial.deallocate_all()
        })?;
        *(if done { &mut fits } else { &mut too_large }) = middle;
    }
    Ok(fits)
}
