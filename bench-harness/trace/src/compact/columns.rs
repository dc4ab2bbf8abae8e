//! Encodes the columns of a frame, one after the other behind the calls.
//!
//! | column | encoding |
//! |---|---|
//! | threads | the number of bits *b* of the highest thread; then, for each run of one thread, `(length - 1) << b \| thread` |
//! | gaps | each gap |
//! | sized | lengths of runs over the frees and resizes: not sized, sized, not sized … |

use super::calls::Call;
use super::varint;
use crate::{ColumnSet, Columns};

const THREADS: u16 = 1;
const GAPS: u16 = 2;
const SIZED: u16 = 4;

/// Returns the flags of a file's header.
pub(super) fn flags(set: ColumnSet) -> u16 {
    let bit = |wanted: bool, flag: u16| if wanted { flag } else { 0 };
    bit(set.threads, THREADS) | bit(set.gaps, GAPS) | bit(set.sized, SIZED)
}

/// Returns the columns of the flags; `None` if a flag is not known.
pub(super) fn set(flags: u16) -> Option<ColumnSet> {
    let is_known = flags & !(THREADS | GAPS | SIZED) == 0;
    is_known.then_some(ColumnSet {
        threads: flags & THREADS != 0,
        gaps: flags & GAPS != 0,
        sized: flags & SIZED != 0,
    })
}

/// Appends the columns that have entries. `is_free` says which calls are frees or resizes.
pub(super) fn put(out: &mut Vec<u8>, columns: &Columns, is_free: &[bool]) {
    if !columns.threads.is_empty() {
        put_threads(out, &columns.threads);
    }
    for &gap in &columns.gaps {
        varint::put(out, gap);
    }
    if !columns.sized.is_empty() {
        put_sized(out, &columns.sized, is_free);
    }
}

fn put_threads(out: &mut Vec<u8>, threads: &[u16]) {
    let highest = threads.iter().max().copied().unwrap_or_default();
    let bits = u16::BITS - highest.leading_zeros();
    out.push(bits as u8);
    for run in threads.chunk_by(|one, next| one == next) {
        varint::put(out, (run.len() as u64 - 1) << bits | u64::from(run[0]));
    }
}

fn put_sized(out: &mut Vec<u8>, sized: &[bool], is_free: &[bool]) {
    let frees = sized.iter().zip(is_free).filter(|(_, is_free)| **is_free);
    let (mut run, mut is_sized) = (0, false);
    for (&sized, _) in frees {
        if sized != is_sized {
            varint::put(out, run);
            (run, is_sized) = (0, sized);
        }
        run += 1;
    }
    varint::put(out, run);
}

/// Takes the columns of `calls`; `None` if they are garbled.
pub(super) fn take(input: &mut &[u8], set: ColumnSet, calls: &[Call]) -> Option<Columns> {
    let mut columns = Columns::default();
    if set.threads {
        columns.threads = take_threads(input, calls.len())?;
    }
    if set.gaps {
        let gaps = calls.iter().map(|_| varint::take(input));
        columns.gaps = gaps.collect::<Option<_>>()?;
    }
    if set.sized {
        columns.sized = take_sized(input, calls)?;
    }
    Some(columns)
}

fn take_threads(input: &mut &[u8], n_ops: usize) -> Option<Vec<u16>> {
    let (&bits, rest) = input.split_first()?;
    *input = rest;
    if u32::from(bits) > u16::BITS {
        return None;
    }
    let mut threads = Vec::with_capacity(n_ops);
    while threads.len() < n_ops {
        let run = varint::take(input)?;
        let len = usize::try_from(run >> bits).ok()?.checked_add(1)?;
        if len > n_ops - threads.len() {
            return None;
        }
        let thread = (run & ((1 << bits) - 1)) as u16;
        threads.resize(threads.len() + len, thread);
    }
    Some(threads)
}

fn take_sized(input: &mut &[u8], calls: &[Call]) -> Option<Vec<bool>> {
    let mut sized = Vec::with_capacity(calls.len());
    let (mut left, mut is_sized) = (varint::take(input)?, false);
    for call in calls {
        if matches!(call, Call::Allocate { .. }) {
            sized.push(false);
            continue;
        }
        while left == 0 {
            (left, is_sized) = (varint::take(input)?, !is_sized);
        }
        left -= 1;
        sized.push(is_sized);
    }
    (left == 0).then_some(sized)
}
