//! A sequence of operations on named blocks.

mod rep;
mod script;

/// One operation; a block is named by its index in [`Trace::names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Allocates the block.
    Allocate {
        /// The block.
        block: u32,
        /// Bytes.
        size: u32,
        /// The alignment.
        align: u32,
    },
    /// Frees the block.
    Free {
        /// The block.
        block: u32,
    },
    /// Resizes the block.
    Resize {
        /// The block.
        block: u32,
        /// Bytes from now on.
        size: u32,
    },
    /// Frees every block at once, if the stage can.
    Reset,
    /// Gives free bytes at the heap's end back to the source, if the stage can.
    Trim {
        /// Bytes that stay free at the end.
        keep: u32,
    },
}

/// Operations in the order in which they are done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The operations.
    pub ops: Vec<Op>,
    /// What each block is called.
    pub names: Vec<String>,
    /// How many operations were left out at the end.
    pub n_left_out: usize,
}

impl Trace {
    /// Reads a script: `a = malloc 24; b = malloc 40 align 64; free a; realloc b 80; reset; trim 0`.
    ///
    /// # Errors
    ///
    /// The first statement that is none, with what is wrong.
    pub fn of_script(text: &str) -> Result<Self, String> {
        script::parse(text)
    }

    /// Reads the first `limit` operations of a `.rep` trace of the CS:APP malloc lab.
    ///
    /// # Errors
    ///
    /// The first line that is wrong, with its number.
    pub fn of_rep(text: &str, limit: usize) -> Result<Self, String> {
        rep::parse(text, limit)
    }

    /// Returns the most bytes that are live at once, as requested.
    pub fn peak(&self) -> usize {
        let mut sizes = vec![0; self.names.len()];
        let (mut live, mut peak) = (0, 0);
        for op in &self.ops {
            let (block, size) = match *op {
                Op::Allocate { block, size, .. } | Op::Resize { block, size } => (block, size),
                Op::Free { block } => (block, 0),
                Op::Reset | Op::Trim { .. } => continue,
            };
            let before = std::mem::replace(&mut sizes[block as usize], size as usize);
            live = live + size as usize - before;
            peak = peak.max(live);
        }
        peak
    }

    /// Returns the operation as a statement of a script.
    pub fn text(&self, op: Op) -> String {
        let name = |block: u32| &self.names[block as usize];
        match op {
            Op::Allocate { block, size, align } if align > 8 => {
                format!("{} = malloc {size} align {align}", name(block))
            }
            Op::Allocate { block, size, .. } => format!("{} = malloc {size}", name(block)),
            Op::Free { block } => format!("free {}", name(block)),
            Op::Resize { block, size } => format!("realloc {} {size}", name(block)),
            Op::Reset => "reset".to_owned(),
            Op::Trim { keep } => format!("trim {keep}"),
        }
    }
}
