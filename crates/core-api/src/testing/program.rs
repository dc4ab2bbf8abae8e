//! A list of operations that any allocator can run.

use core::fmt;
use core::str::FromStr;
use std::string::{String, ToString};
use std::vec::Vec;

use super::subject::Checked;
use super::trial::Trial;
use super::{Op, Shadow, Verdict};
use crate::{Allocator, Corruption};

/// Operations in the order in which they run.
///
/// A program prints as one line per operation and parses from the same text, so that one that
/// failed becomes a regression test by copying it:
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
    /// A program of these operations.
    pub fn new(ops: Vec<Op>) -> Self {
        Self { ops }
    }

    /// Every way to resize a block, with a used block behind it and without.
    ///
    /// It is short enough for Miri, which sees whoever reaches further than the pointer that came back
    /// from a block's owner may: one that was narrowed to the block's layout.
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

    /// The operations.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The same program with one operation fewer.
    pub(super) fn without(&self, index: usize) -> Self {
        let mut ops = self.ops.clone();
        ops.remove(index);
        Self::new(ops)
    }

    /// The program that any bytes are: for fuzzers.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::new(super::bytes::decode(bytes))
    }

    /// Runs the program on `allocator`, with `check` after every operation, and then frees every
    /// block that is left.
    ///
    /// `allocator` must have no live block that is used elsewhere; when this returns `Ok`, it has
    /// none from here.
    ///
    /// # Errors
    ///
    /// The first broken promise: overlap, misalignment, a block too short, content lost or not
    /// zeroed, content changed by a failed call, or what `check` found.
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

    /// Runs the operations that `chosen` accepts, and frees what is left.
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

/// A line that is no operation.
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
