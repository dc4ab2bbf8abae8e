//! The names of blocks and threads.

use std::fmt;

/// A thread, and its heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "letters")]
pub enum Thread {
    A,
    B,
}

impl Thread {
    /// Both threads.
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// Returns the thread as it is written in the names of its blocks.
    pub const fn letter(self) -> char {
        match self {
            Self::A => 'a',
            Self::B => 'b',
        }
    }
}

impl fmt::Display for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A block: the heap that it is of, and its number there in the order of carving, from 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The thread whose heap carved it.
    pub owner: Thread,
    /// The number.
    pub number: u32,
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.owner.letter(), self.number)
    }
}
