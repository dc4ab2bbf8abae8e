//! [`Peak`]: the most bytes that are live at once in a trace.

use super::{Op, Trace};

/// The moment of a trace at which the most requested bytes are live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peak {
    /// Requested bytes of the blocks that are live at that moment.
    pub bytes: usize,
    /// The number of these blocks.
    pub n_blocks: usize,
    /// The number of calls up to the peak, which call `n_ops - 1` reaches.
    pub n_ops: usize,
}

impl Trace {
    /// Finds the first moment at which the most requested bytes are live. O(calls).
    ///
    /// ```
    /// let mut program = alloc_trace::Builder::new();
    /// let a = program.allocate(100)?;
    /// let b = program.allocate(50)?;
    /// program.free(a)?;
    /// program.resize(b, 120)?;
    /// let peak = program.finish("example").peak();
    /// assert_eq!((peak.bytes, peak.n_blocks, peak.n_ops), (150, 2, 2));
    /// # Ok::<(), alloc_trace::BlockError>(())
    /// ```
    pub fn peak(&self) -> Peak {
        let mut sizes = vec![0; self.n_slots];
        let mut peak = Peak::default();
        let mut live = Peak::default();
        for op in &self.ops {
            live.apply(op, &mut sizes);
            if live.bytes > peak.bytes {
                peak = live;
            }
        }
        peak
    }
}

impl Peak {
    fn apply(&mut self, op: &Op, sizes: &mut [usize]) {
        self.n_ops += 1;
        let (slot, size) = match *op {
            Op::Allocate { slot, size, .. } => (slot as usize, size),
            Op::Resize { slot, size } => (slot as usize, size),
            Op::Free { slot } => (slot as usize, 0),
        };
        let old = core::mem::replace(&mut sizes[slot], size);
        self.bytes = self.bytes.saturating_sub(old).saturating_add(size);
        match op {
            Op::Allocate { .. } => self.n_blocks += 1,
            Op::Resize { .. } => {}
            Op::Free { .. } => self.n_blocks -= 1,
        }
    }
}
