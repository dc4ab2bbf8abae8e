//! Scenario: zeroed growth of blocks whose owner has written to every usable byte.

use super::super::lab::Lab;
use super::super::trial::Trial;
use super::super::{BlockId, Verdict};
use super::{layout, must, must_allocate};

/// The region's length in each trial.
const HEAP_LEN: usize = 256 << 10;

/// Returns sizes at which allocators cut their blocks: powers of two and quarters between them up to
/// 1,792 bytes, half an OS page and a whole one; each minus 0, 4 and 8 bytes for a header.
fn boundaries() -> impl Iterator<Item = usize> {
    let powers = (4..=10).map(|log2| 1_usize << log2);
    let quarters = powers.flat_map(|power| (4..8).map(move |fourths| power * fourths / 4));
    let sizes = quarters.chain([2048, 4096]);
    sizes.flat_map(|size| [size - 8, size - 4, size])
}

/// The new bytes are zero from the old *size* on. An allocator that clears only from the end of the old block
/// keeps what the owner wrote between; the model finds this, because it fills a block to its last usable byte.
pub(super) fn zeroed_growth(lab: &Lab<'_>) -> Verdict {
    for boundary in boundaries() {
        lab.trial_in(0, HEAP_LEN, &mut |trial| {
            trial.name_as_asked();
            for size in boundary.saturating_sub(1)..=boundary + 1 {
                dirty(trial)?;
                there_and_back(trial, size)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Writes nonzero bytes where the next blocks will lie.
fn dirty(trial: &mut Trial<'_>) -> Verdict {
    for size in [40, 4096] {
        must_allocate(trial, size, 8)?;
    }
    trial.deallocate_all()
}

/// Grows a zeroed block by one byte, and then by at least 2,048 bytes, with shrinks between.
fn there_and_back(trial: &mut Trial<'_>, size: usize) -> Verdict {
    let id = trial.allocate_zeroed(layout(size, 8)?)?;
    must(id.is_some(), "allocating a zeroed block")?;
    let Some(id) = id else { return Ok(()) };
    for larger in [size + 1, size.max(2048) + size] {
        shrink_and_grow(trial, id, larger)?;
    }
    trial.deallocate(id)
}

/// Grows a block and shrinks it to two thirds; then grows it again and shrinks it by one byte.
fn shrink_and_grow(trial: &mut Trial<'_>, id: BlockId, larger: usize) -> Verdict {
    for smaller in [larger * 2 / 3, larger - 1] {
        must(trial.grow_zeroed(id, layout(larger, 8)?)?, "growing")?;
        must(trial.shrink(id, layout(smaller, 8)?)?, "shrinking")?;
    }
    Ok(())
}
