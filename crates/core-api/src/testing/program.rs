//! [`Program`]: a list of operations that any allocator can run.

use core::fmt;
use core::str::FromStr;
use std::string::{String, ToString};
use std::vec::Vec;

use super::subject::Checked;
use super::trial::Trial;
use super::{Op, Shadow, Verdict};
use crate::{Allocator, Corruption};

/// A list of operations in the order in which they run.
///
/// A program prints as one line per operation, and parses from the same text. So a failing program can be
/// copied into a regression test:
///
/// ```
/// use core_api::testing::Program;
/// let program: Program = "
///     allocate 24 align 8
///     allocate_zeroed 100 align 64
///     grow 0 by 40
///     deallocate 1
/// ".parse().unwrap();
/// assert_eq!(program.ops().len(), 4);
/// assert_eq!(program.to_string().parse(), Ok(program));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    ops: Vec<Op>,
}

impl Program {
    /// Returns a program of these operations.
    pub fn new(ops: Vec<Op>) -> Self {
        Self { ops }
    }

    /// Returns a program with every way to resize a block, with and without a used block behind it.
    ///
    /// The program is short enough for Miri. Miri reports an allocator that uses the owner's pointer, which is
    /// narrowed to the block's layout, to access bytes outside that layout.
    pub fn resizing() -> Self {
        let allocate = |size| Op::Allocate { size, align: 8 };
        let resize = |to| Op::ResizeInPlace { which: 0, to };
        let grow = |by| Op::Grow {
            which: 0,
            by,
            align: None,
        };
        let shrink = |to, align| Op::Shrink {
            which: 0,
            to,
            align: Some(align),
        };
        let grow_zeroed = Op::GrowZeroed {
            which: 0,
            by: 40,
            align: None,
        };
        Self::new(std::vec![
            allocate(24),
            allocate(120),
            Op::Deallocate { which: 1 },
            resize(56),
            grow_zeroed,
            shrink(8, 8),
            grow(16),
            grow(100),
            allocate(16),
            grow(300),
            grow_zeroed,
            shrink(20, 1),
            resize(24),
            resize(0),
        ])
    }

    /// Returns the operations.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// Returns the same program without one operation.
    pub(super) fn without(&self, index: usize) -> Self {
        let mut ops = self.ops.clone();
        ops.remove(index);
        Self::new(ops)
    }

    /// Decodes any bytes as a program, for fuzzers.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::new(super::bytes::decode(bytes))
    }

    /// Runs the program on `allocator`, with `check` after every operation, and then frees every
    /// remaining block.
    ///
    /// Nothing else may use a live block of `allocator` meanwhile. If this returns `Ok`, it has freed all its
    /// blocks.
    ///
    /// # Errors
    ///
    /// The first broken promise: overlap, misalignment, a block too short, content lost or not
    /// zeroed, content changed by a failed call, or a failed `check`.
    pub fn run<A: Allocator>(
        &self,
        allocator: &mut A,
        check: &mut dyn FnMut(&A) -> Result<(), Corruption>,
    ) -> Verdict {
        let mut subject = Checked::new(allocator, check);
        self.play(&mut Trial::new(&mut subject, Shadow::new()), |_| true)
            .map_err(|failure| super::Failure {
                program: Some(self.clone()),
                ..failure
            })
    }

    /// Runs the operations that `chosen` accepts, and frees the remaining blocks.
    pub(super) fn play(&self, trial: &mut Trial<'_>, chosen: impl Fn(&Op) -> bool) -> Verdict {
        let steps = self.ops.iter().enumerate();
        for (step, &op) in steps.filter(|(_, op)| chosen(op)) {
            trial
                .step(op)
                .map_err(|failure| failure.during(&format_args!("operation {step}, {op}")))?;
        }
        trial
            .deallocate_all()
            .map_err(|failure| failure.during(&"freeing what the program left"))
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ops.iter().try_for_each(|op| writeln!(f, "    {op}"))
    }
}

/// The error for a line that is not an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    line: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an operation: `{}`", self.line)
    }
}

impl core::error::Error for ParseError {}

impl FromStr for Program {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let ops = lines.map(|line| {
            Op::parse(line).ok_or_else(|| ParseError {
                line: line.to_string(),
            })
        });
        Ok(Self::new(ops.collect::<Result<_, _>>()?))
    }
}
