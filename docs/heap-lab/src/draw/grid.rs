//! Where the bytes of a map lie: in rows of the same number of bytes.

use super::map::Map;
use crate::trace::{Op, Trace};

/// Pixels of a byte, at most, unless the whole heap fits into a row.
const LARGEST_SCALE: f64 = 1.05;

/// Pixels of a byte, at least.
const LEAST_SCALE: f64 = 0.2;

/// Pixels of the smallest block of a trace, if the rows are not too many for that.
const LEAST_BLOCK: f64 = 17.0;

/// The most rows of a map.
const MOST_ROWS: f64 = 14.0;

/// A part of a range that lies in one row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
}

pub(super) struct Grid {
    top: f64,
    row_len: f64,
    pub(super) scale: f64,
    pub(super) row_height: f64,
    n_rows: f64,
}

impl Grid {
    /// Lays `len` bytes out below `top`. The rows depend on the whole trace, so that they stay while it runs.
    pub(super) fn new(len: f64, trace: &Trace, options: Map, top: f64, row_height: f64) -> Self {
        let width = f64::from(options.width) - 1.0;
        let scale = (LEAST_BLOCK / smallest(trace)).clamp(LEAST_SCALE, LARGEST_SCALE);
        let fitting = (width / scale / 8.0).floor() * 8.0;
        let row_len = match options.row {
            0 if len <= fitting => len,
            0 => fitting.max((len / MOST_ROWS / 8.0).ceil() * 8.0),
            row => f64::from(row),
        };
        Self {
            top,
            row_len,
            scale: width / row_len,
            row_height,
            n_rows: (len / row_len).ceil(),
        }
    }

    /// Returns the parts of a range, row by row.
    pub(super) fn parts(&self, from: f64, to: f64) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut at = from;
        while at < to {
            let row = (at / self.row_len + 1e-9).floor();
            let end = to.min((row + 1.0) * self.row_len);
            parts.push(Part {
                x: (at - row * self.row_len) * self.scale + 0.5,
                y: self.top + row * self.row_height + 0.5,
                width: (end - at) * self.scale,
            });
            at = end;
        }
        parts
    }

    pub(super) fn bottom(&self) -> f64 {
        self.top + self.n_rows * self.row_height
    }
}

/// Bytes of the smallest block of a trace, with a header.
fn smallest(trace: &Trace) -> f64 {
    let sizes = trace.ops.iter().filter_map(|op| match op {
        Op::Allocate { size, .. } | Op::Resize { size, .. } => Some(*size),
        _ => None,
    });
    f64::from(sizes.min().unwrap_or(0) + 8)
}
