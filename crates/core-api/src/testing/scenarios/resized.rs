//! Scenario: a resized block comes back whole, which shows that the provided methods fit the allocator.

use std::format;

use super::super::lab::Lab;
use super::super::trial::Trial;
use super::super::{BlockId, Failure, Verdict};
use super::layout;
use crate::Reclaims;

/// The region's length in each trial, and the number of rounds. A faulty allocator loses an eighth of the
/// region in each round.
const HEAP_LEN: usize = 64 << 10;
const N_ROUNDS: usize = 20;

const SMALL: usize = 10;
const LARGE: usize = 8000;

/// One way to resize a block.
struct Resize {
    /// The method that resizes; the allocator must override it if the block does not come back.
    method: &'static str,
    from: usize,
    to: usize,
    call: fn(&mut Trial<'_>, BlockId, usize) -> Result<bool, Failure>,
    /// True if the block may move. Then an allocator that reclaims only the last block cannot reuse the
    /// block's old place.
    may_move: bool,
}

/// All ways to resize. `resize_in_place` is first, because the provided `grow` and `shrink` call it.
const RESIZES: &[Resize] = &[
    Resize {
        method: "resize_in_place",
        from: LARGE,
        to: SMALL,
        call: |trial, id, to| trial.resize_in_place(id, to),
        may_move: false,
    },
    Resize {
        method: "resize_in_place",
        from: SMALL,
        to: LARGE,
        call: |trial, id, to| trial.resize_in_place(id, to),
        may_move: false,
    },
    Resize {
        method: "shrink",
        from: LARGE,
        to: SMALL,
        call: |trial, id, to| trial.shrink(id, layout(to, 8)?),
        may_move: true,
    },
    Resize {
        method: "shrink",
        from: LARGE,
        to: SMALL,
        call: |trial, id, to| trial.shrink(id, layout(to, 64)?),
        may_move: true,
    },
    Resize {
        method: "grow",
        from: SMALL,
        to: LARGE,
        call: |trial, id, to| trial.grow(id, layout(to, 8)?),
        may_move: true,
    },
    Resize {
        method: "grow",
        from: SMALL,
        to: LARGE,
        call: |trial, id, to| trial.grow(id, layout(to, 64)?),
        may_move: true,
    },
    Resize {
        method: "grow_zeroed",
        from: SMALL,
        to: LARGE,
        call: |trial, id, to| trial.grow_zeroed(id, layout(to, 8)?),
        may_move: true,
    },
];

/// Resizes and frees one block again and again; each time there must be room for the next.
pub(super) fn recovery(lab: &Lab<'_>) -> Verdict {
    for resize in RESIZES {
        lab.trial_in(0, HEAP_LEN, &mut |trial| {
            trial.name_as_asked();
            let is_due = match trial.subject().reclaims() {
                Reclaims::Nothing => false,
                Reclaims::LastBlock => !resize.may_move,
                Reclaims::WholeBlocks | Reclaims::Everything => true,
            };
            let n_rounds = if is_due { N_ROUNDS } else { 0 };
            (0..n_rounds).try_for_each(|round| resize_and_free(trial, resize, round))
        })?;
    }
    Ok(())
}

fn resize_and_free(trial: &mut Trial<'_>, resize: &Resize, round: usize) -> Verdict {
    let id = trial.allocate(layout(resize.from, 8)?)?;
    let id = id.ok_or_else(|| forgotten(resize, round))?;
    (resize.call)(trial, id, resize.to)?;
    trial.deallocate(id)
}

/// Returns the failure if the previous round's block did not come back, or if there was no room from the start.
fn forgotten(resize: &Resize, round: usize) -> Failure {
    let Resize {
        method, from, to, ..
    } = *resize;
    let failed = format!("allocate({from}, align 8) must succeed: there is room");
    if round == 0 {
        return Failure::new(failed);
    }
    Failure::new(format!(
        "{failed}, but the block does not come back after {method} from {from} to {to} bytes and \
         deallocate with the new layout, {round} times\n\
         override `{method}`: the provided one fits only an allocator whose `deallocate` finds the \
         size of the block by itself (a wrapper forwards every method; through SizelessFree the \
         resizing method is `realloc`)"
    ))
}
