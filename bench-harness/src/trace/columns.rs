//! What a trace may know of each call beside what it asks for.

use super::Trace;

/// Columns beside [`Trace::ops`]. Each is empty if it was not recorded, and has
/// one entry for each call otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The thread that made the call, numbered from 0 in the order of their first calls.
    pub threads: Vec<u16>,
    /// Nanoseconds since the call before, whichever thread made that.
    pub gaps: Vec<u64>,
}

impl Trace {
    /// Drops the calls from the `n_ops`th on, with what is known of them.
    pub fn truncate(&mut self, n_ops: usize) {
        self.ops.truncate(n_ops);
        self.columns.threads.truncate(n_ops);
        self.columns.gaps.truncate(n_ops);
    }
}
