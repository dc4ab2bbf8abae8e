//! Scenarios: an impossible request returns an error, and an error changes nothing.

use core::alloc::Layout;

use super::super::lab::{Lab, OUT_OF_REACH};
use super::super::trial::Trial;
use super::super::{BlockId, Verdict};
use super::{layout, must_allocate, must_not};

/// The region's length in trials that use all of it.
const HEAP_LEN: usize = 16 << 10;

/// Returns layouts of sizes that no heap can serve at `align`: the largest ones, and sizes that become small
/// if a header, a granule or a shift makes them overflow. `own_memory` leaves out sizes that an OS could grant.
fn impossible(align: usize, heap_len: usize, own_memory: bool) -> impl Iterator<Item = Layout> {
    let largest = isize::MAX as usize - (align - 1);
    let lowest = if own_memory { OUT_OF_REACH.ilog2() } else { 0 };
    let near_largest = [0, 1, 7, 8, 15, 16, 31, 63, 4095, 4096]
        .into_iter()
        .map(move |below| largest.saturating_sub(below));
    let near_powers =
        (lowest..usize::BITS - 1).flat_map(|log2| [(1 << log2) - 1, 1 << log2, (1 << log2) + 1]);
    near_largest
        .chain(near_powers)
        .filter(move |&size| own_memory || size >= heap_len)
        .filter_map(move |size| Layout::from_size_align(size, align).ok())
}

/// Impossible sizes fail in every method at every alignment, and change nothing.
pub(super) fn impossible_sizes(lab: &Lab<'_>) -> Verdict {
    lab.trial_in(0, HEAP_LEN, &mut |trial| {
        let id = must_allocate(trial, 1000, 8)?;
        let other = must_allocate(trial, 24, 8)?;
        for log2 in 0..isize::BITS - 1 {
            for wanted in impossible(1 << log2, HEAP_LEN, lab.own_memory) {
                refused(trial, id, wanted)?;
            }
        }
        trial.deallocate(other)?;
        must_allocate(trial, 24, 8)?;
        trial.deallocate_all()
    })
}

fn refused(trial: &mut Trial<'_>, id: BlockId, wanted: Layout) -> Verdict {
    must_not(
        trial.allocate(wanted)?.is_some(),
        "allocating an impossible size",
    )?;
    must_not(
        trial.allocate_zeroed(wanted)?.is_some(),
        "allocating an impossible size",
    )?;
    must_not(trial.grow(id, wanted)?, "growing to an impossible size")?;
    must_not(
        trial.grow_zeroed(id, wanted)?,
        "growing to an impossible size",
    )?;
    must_not(
        trial.resize_in_place(id, wanted.size())?,
        "resizing to an impossible size",
    )
}

/// When the heap is full, requests fail and live blocks keep their contents.
pub(super) fn exhaustion(lab: &Lab<'_>) -> Verdict {
    for sizes in [&[40][..], &[1, 100, 17, 500], &[3000]] {
        lab.trial_in(0, HEAP_LEN, &mut |trial| {
            let mut sizes = sizes.iter().copied().cycle();
            let mut size = 0;
            while trial.shadow().requested() <= HEAP_LEN {
                size = sizes.next().unwrap_or(size);
                if trial.allocate(layout(size, 8)?)?.is_none() {
                    break;
                }
            }
            trial.allocate_zeroed(layout(size, 4096)?)?;
            let grown = layout(HEAP_LEN, 8)?;
            if let Some(id) = trial.shadow().nth(0) {
                must_not(trial.grow(id, grown)?, "growing beyond the heap")?;
                must_not(trial.grow_zeroed(id, grown)?, "growing beyond the heap")?;
                must_not(
                    trial.resize_in_place(id, grown.size())?,
                    "growing beyond the heap",
                )?;
            }
            trial.deallocate_all()
        })?;
    }
    Ok(())
}

/// A region that is too small leads to errors, not to writes beyond it.
pub(super) fn tiny_regions(lab: &Lab<'_>) -> Verdict {
    for len in (0..=200).chain([255, 256, 257, 511, 512, 1000]) {
        for skew in [0, 1, 4, 7] {
            lab.trial_in(skew, len, &mut |trial| {
                for (size, align) in [(1, 1), (0, 8), (24, 8), (8, 64), (len, 1), (len + 1, 1)] {
                    let id = trial.allocate(layout(size, align)?)?;
                    if let Some(id) = id {
                        trial.grow(id, layout(size + 8, align)?)?;
                    }
                }
                trial.deallocate_all()?;
                trial.allocate(layout(16, 8)?)?;
                trial.deallocate_all()
            })?;
        }
    }
    Ok(())
}

/// A region may start and end at any address.
pub(super) fn odd_regions(lab: &Lab<'_>) -> Verdict {
    for skew in (0..=33).chain([63, 65, 4088, 4095]) {
        lab.trial_in(skew, 8192 - skew % 29, &mut |trial| {
            for (size, align) in [(1, 1), (24, 8), (100, 16), (60, 32), (1000, 64), (8, 256)] {
                must_allocate(trial, size, align)?;
            }
            while trial.allocate(layout(50, 1)?)?.is_some() {}
            trial.deallocate_all()
        })?;
    }
    Ok(())
}
