//! The mistakes of callers.

use core::fmt;

/// A caller's broken promise that an allocator noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum Misuse {
    /// The block was free already.
    DoubleFree,
    /// The address is not that of a block of this heap.
    ForeignPointer,
    /// The block's header was overwritten, or the layout does not fit the block.
    CorruptHeader,
    /// The allocator was called from within one of its own calls: by its source, by a signal handler, or by
    /// a closure that inspects it.
    Reentered,
    /// The address lies in a block, but is not the block's first.
    InteriorPointer,
    /// A free block, or the link in it, was written to.
    WrittenWhileFree,
    /// A freed block was read or written.
    UsedAfterFree,
    /// Bytes beyond an end of a block were read or written.
    Overrun,
    /// A panic began inside a call of the allocator, in its source or its policy, and would have left the call.
    Unwound,
    /// The block came from another family of functions than the one that frees or resizes it: `new[]` and `delete`, say.
    WrongDoor,
    /// The size that a free says is not the block's.
    WrongSize,
}

impl Misuse {
    /// Every kind, each at the index of its number.
    pub const ALL: &'static [Self] = &[
        Self::DoubleFree,
        Self::ForeignPointer,
        Self::CorruptHeader,
        Self::Reentered,
        Self::InteriorPointer,
        Self::WrittenWhileFree,
        Self::UsedAfterFree,
        Self::Overrun,
        Self::Unwound,
        Self::WrongDoor,
        Self::WrongSize,
    ];

    /// Returns one sentence, in lower case and without a full stop: what [`Display`](fmt::Display) prints, and what
    /// [`fatal`](crate::fatal()) prints behind "fatal: ".
    pub const fn message(self) -> &'static str {
        match self {
            Self::DoubleFree => "a block was freed twice",
            Self::ForeignPointer => "a pointer was freed that is no block of this heap",
            Self::CorruptHeader => "a block header was overwritten or the layout is wrong",
            Self::Reentered => "the allocator was called from within its own call",
            Self::InteriorPointer => "a pointer was freed that is not the start of a block",
            Self::WrittenWhileFree => "a free block was written to",
            Self::UsedAfterFree => "a block was used after it was freed",
            Self::Overrun => "bytes beyond the end of a block were used",
            Self::Unwound => "a panic would have left the allocator",
            Self::WrongDoor => {
                "a block was freed or resized by functions of another family than it came from"
            }
            Self::WrongSize => "a block was freed with a size that is not its own",
        }
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for Misuse {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_lies_at_the_index_of_its_number() {
        for (index, misuse) in Misuse::ALL.iter().copied().enumerate() {
            assert_eq!(misuse as usize, index);
        }
    }
}
