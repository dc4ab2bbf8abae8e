//! Encodes one call as varints.
//!
//! The two low bits of the first number give the kind of the call:
//!
//! | bits | call | rest of the number | next numbers |
//! |---|---|---|---|
//! | 0 | allocate, plain | size | |
//! | 1 | free | age | |
//! | 2 | resize | age | size |
//! | 3 | allocate | size | `log2(align) << 1 \| zeroed` |
//!
//! The age of a block is the number of allocations since its own, including its own. Programs mostly free
//! young blocks, so ages are small numbers that repeat.

use super::varint;
use crate::{BlockId, PLAIN_ALIGN};

/// A call on a block, named by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Allocates the block whose id is next.
    Allocate {
        /// Requested bytes.
        size: usize,
        /// Requested alignment in bytes, a power of two.
        align: u32,
        /// True if the bytes must be zero.
        zeroed: bool,
    },
    /// Resizes a block, keeping its alignment.
    Resize {
        /// The block.
        block: BlockId,
        /// Requested bytes from now on.
        size: usize,
    },
    /// Frees a block.
    Free {
        /// The block.
        block: BlockId,
    },
}

const PLAIN: u64 = 0;
const FREE: u64 = 1;
const RESIZE: u64 = 2;
const ALLOCATE: u64 = 3;

/// Appends `call`, made when `n_blocks` blocks have been allocated. Sizes are at most
/// [`MAX_SIZE`](super::MAX_SIZE).
pub(super) fn put(out: &mut Vec<u8>, call: Call, n_blocks: BlockId) {
    match call {
        Call::Allocate {
            size,
            align: PLAIN_ALIGN,
            zeroed: false,
        } => varint::put(out, (size as u64) << 2 | PLAIN),
        Call::Allocate {
            size,
            align,
            zeroed,
        } => {
            varint::put(out, (size as u64) << 2 | ALLOCATE);
            varint::put(
                out,
                u64::from(align.trailing_zeros() << 1 | u32::from(zeroed)),
            );
        }
        Call::Resize { block, size } => {
            varint::put(out, (n_blocks - block) << 2 | RESIZE);
            varint::put(out, size as u64);
        }
        Call::Free { block } => varint::put(out, (n_blocks - block) << 2 | FREE),
    }
}

/// The error in the bytes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Garbled {
    /// A number is cut short or out of range.
    Number,
    /// A free of a block that was never allocated.
    Free,
    /// A resize of a block that was never allocated.
    Resize,
}

/// Takes a call from the front of `input`, made when `n_blocks` blocks have been allocated.
pub(super) fn take(input: &mut &[u8], n_blocks: BlockId) -> Result<Call, Garbled> {
    let first = number(input)?;
    let rest = first >> 2;
    match first & 3 {
        PLAIN => Ok(Call::Allocate {
            size: size(rest)?,
            align: PLAIN_ALIGN,
            zeroed: false,
        }),
        FREE => Ok(Call::Free {
            block: block(rest, n_blocks).ok_or(Garbled::Free)?,
        }),
        RESIZE => Ok(Call::Resize {
            block: block(rest, n_blocks).ok_or(Garbled::Resize)?,
            size: size(number(input)?)?,
        }),
        _ => {
            let attributes = number(input)?;
            Ok(Call::Allocate {
                size: size(rest)?,
                align: align(attributes >> 1)?,
                zeroed: attributes & 1 != 0,
            })
        }
    }
}

fn number(input: &mut &[u8]) -> Result<u64, Garbled> {
    varint::take(input).ok_or(Garbled::Number)
}

fn size(number: u64) -> Result<usize, Garbled> {
    match usize::try_from(number) {
        Ok(size) if size <= super::MAX_SIZE => Ok(size),
        _ => Err(Garbled::Number),
    }
}

fn align(log2: u64) -> Result<u32, Garbled> {
    let log2 = u32::try_from(log2).map_err(|_| Garbled::Number)?;
    1_u32.checked_shl(log2).ok_or(Garbled::Number)
}

/// Returns the block of that age. An age of 0 would be the next block, which is not allocated yet.
fn block(age: u64, n_blocks: BlockId) -> Option<BlockId> {
    if age == 0 {
        return None;
    }
    n_blocks.checked_sub(age)
}
