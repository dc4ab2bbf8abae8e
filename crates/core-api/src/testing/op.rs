//! One operation of a program.

use core::fmt;

/// One call to an allocator.
///
/// `which` counts the live blocks from the oldest, modulo their number. So every operation has a meaning in
/// every program, and a program can be cut anywhere. Without a live block, the operations that need one do
/// nothing. Sizes and alignments are in bytes; an operation whose size and alignment form no
/// [`Layout`](core::alloc::Layout) does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `allocate`.
    Allocate {
        /// Requested size.
        size: usize,
        /// Requested alignment: a power of two.
        align: usize,
    },
    /// `allocate_zeroed`.
    AllocateZeroed {
        /// Requested size.
        size: usize,
        /// Requested alignment: a power of two.
        align: usize,
    },
    /// `deallocate`.
    Deallocate {
        /// The block.
        which: usize,
    },
    /// `resize_in_place`.
    ResizeInPlace {
        /// The block.
        which: usize,
        /// The new size.
        to: usize,
    },
    /// `grow`.
    Grow {
        /// The block.
        which: usize,
        /// How much is added to its size.
        by: usize,
        /// The new alignment, or `None` to keep the old.
        align: Option<usize>,
    },
    /// `grow_zeroed`.
    GrowZeroed {
        /// The block.
        which: usize,
        /// How much is added to its size.
        by: usize,
        /// The new alignment, or `None` to keep the old.
        align: Option<usize>,
    },
    /// `shrink`; keeps the size if the block is already smaller.
    Shrink {
        /// The block.
        which: usize,
        /// The new size.
        to: usize,
        /// The new alignment, or `None` to keep the old.
        align: Option<usize>,
    },
}

/// The alignment at the end of a line; empty if the operation keeps the old one.
struct Suffix(Option<usize>);

impl fmt::Display for Suffix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(align) => write!(f, " align {align}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Allocate { size, align } => write!(f, "allocate {size} align {align}"),
            Self::AllocateZeroed { size, align } => {
                write!(f, "allocate_zeroed {size} align {align}")
            }
            Self::Deallocate { which } => write!(f, "deallocate {which}"),
            Self::ResizeInPlace { which, to } => write!(f, "resize_in_place {which} to {to}"),
            Self::Grow { which, by, align } => {
                write!(f, "grow {which} by {by}{}", Suffix(align))
            }
            Self::GrowZeroed { which, by, align } => {
                write!(f, "grow_zeroed {which} by {by}{}", Suffix(align))
            }
            Self::Shrink { which, to, align } => {
                write!(f, "shrink {which} to {to}{}", Suffix(align))
            }
        }
    }
}

impl Op {
    /// Returns the requested size, or the bytes by which the block grows; 0 for `deallocate`.
    pub fn bytes(&self) -> usize {
        match *self {
            Self::Allocate { size, .. } | Self::AllocateZeroed { size, .. } => size,
            Self::Grow { by, .. } | Self::GrowZeroed { by, .. } => by,
            Self::ResizeInPlace { to, .. } | Self::Shrink { to, .. } => to,
            Self::Deallocate { .. } => 0,
        }
    }

    /// Reads an operation that [`Display`](fmt::Display) wrote; `None` if the line is none.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let name = words.next()?;
        let first = words.next()?.parse().ok()?;
        let mut second = |keyword: &str| match words.next() {
            Some(word) if word == keyword => words.next()?.parse::<usize>().ok(),
            _ => None,
        };
        let op = match name {
            "allocate" => Self::Allocate {
                size: first,
                align: power_of_two(second("align")?)?,
            },
            "allocate_zeroed" => Self::AllocateZeroed {
                size: first,
                align: power_of_two(second("align")?)?,
            },
            "deallocate" => Self::Deallocate { which: first },
            "resize_in_place" => Self::ResizeInPlace {
                which: first,
                to: second("to")?,
            },
            "grow" => Self::Grow {
                which: first,
                by: second("by")?,
                align: suffix(&mut words)?,
            },
            "grow_zeroed" => Self::GrowZeroed {
                which: first,
                by: second("by")?,
                align: suffix(&mut words)?,
            },
            "shrink" => Self::Shrink {
                which: first,
                to: second("to")?,
                align: suffix(&mut words)?,
            },
            _ => return None,
        };
        words.next().is_none().then_some(op)
    }
}

/// Reads what [`Suffix`] wrote; `None` if something else follows.
fn suffix<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Option<usize>> {
    match words.next() {
        None => Some(None),
        Some("align") => power_of_two(words.next()?.parse().ok()?).map(Some),
        Some(_) => None,
    }
}

fn power_of_two(value: usize) -> Option<usize> {
    value.is_power_of_two().then_some(value)
}
