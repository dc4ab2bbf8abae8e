//! Draws a heap as text: one character for each of its equal parts.

use core::fmt::{self, Write};
use core::ops::ControlFlow;

use crate::inspect::{Block, BlockState, HeapStats, Inspect};

/// Draws a heap as rows of characters when displayed.
///
/// `#` is used, `.` is free, `+` is metadata. A cell with more than one state shows the one with most
/// bytes. Drawing allocates nothing.
///
/// ```text
/// ###################.............................................  1024 B: 304 used in 1, 720 free in 1, 0 overhead
/// ```
pub struct HeapMap<'a> {
    heap: &'a dyn Inspect,
    columns: usize,
}

impl<'a> HeapMap<'a> {
    /// The columns of the widest map.
    pub const MAX_COLUMNS: usize = 256;

    /// Returns a map of `heap` in one row of `columns` cells, at most [`MAX_COLUMNS`](Self::MAX_COLUMNS).
    pub fn new(heap: &'a dyn Inspect, columns: usize) -> Self {
        Self {
            heap,
            columns: columns.clamp(1, Self::MAX_COLUMNS),
        }
    }
}

/// Bytes by state in one cell.
#[derive(Clone, Copy, Default)]
struct Cell {
    used: usize,
    free: usize,
    metadata: usize,
}

impl Cell {
    fn add(&mut self, state: BlockState, bytes: usize) {
        match state {
            BlockState::Used => self.used += bytes,
            BlockState::Free => self.free += bytes,
            BlockState::Metadata => self.metadata += bytes,
        }
    }

    fn symbol(&self) -> char {
        if self.used >= self.free.max(self.metadata) {
            '#'
        } else if self.metadata >= self.free {
            '+'
        } else {
            '.'
        }
    }
}

/// Adds `block`, which starts `offset` bytes into the heap, to the cells that it covers.
fn paint(cells: &mut [Cell], cell_len: usize, offset: usize, block: Block) {
    let end = offset + block.size;
    let mut from = offset;
    while from < end {
        let index = (from / cell_len).min(cells.len() - 1);
        let to = end.min((index + 1) * cell_len).max(from + 1);
        cells[index].add(block.state, to - from);
        from = to;
    }
}

impl fmt::Display for HeapMap<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stats: HeapStats = self.heap.stats();
        let cell_len = stats.heap.div_ceil(self.columns).max(1);
        let mut cells = [Cell::default(); Self::MAX_COLUMNS];
        let n_cells = stats.heap.div_ceil(cell_len);
        let mut offset = 0;
        let _ = self.heap.walk(&mut |block| {
            paint(&mut cells[..n_cells], cell_len, offset, block);
            offset += block.size;
            ControlFlow::Continue(())
        });
        for cell in &cells[..n_cells] {
            f.write_char(cell.symbol())?;
        }
        write!(
            f,
            "  {} B: {} used in {}, {} free in {}, {} overhead",
            stats.heap, stats.used, stats.n_used, stats.free, stats.n_free, stats.overhead
        )
    }
}
