//! The columns of a trace: what it may know of each call beside the request.

use super::Trace;

/// Columns beside [`Trace::ops`]. Each is empty if it was not recorded, and has
/// one entry for each call otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The thread that made the call, numbered from 0 in the order of their first calls. Threads
    /// beyond the 65,535th share the last number.
    pub threads: Vec<u16>,
    /// Nanoseconds since the previous call of any thread.
    pub gaps: Vec<u64>,
    /// True if a free or resize stated its block's size and alignment, as a Rust program's
    /// `Layout` does; `false` for every allocation.
    pub sized: Vec<bool>,
}

/// The set of columns that a trace has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ColumnSet {
    /// [`Columns::threads`].
    pub threads: bool,
    /// [`Columns::gaps`].
    pub gaps: bool,
    /// [`Columns::sized`].
    pub sized: bool,
}

/// One call's entry in each column; an entry without a column is 0 or `false`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// As in [`Columns::threads`].
    pub thread: u16,
    /// As in [`Columns::gaps`].
    pub gap: u64,
    /// As in [`Columns::sized`].
    pub sized: bool,
}

impl ColumnSet {
    /// Every column.
    pub const ALL: Self = Self {
        threads: true,
        gaps: true,
        sized: true,
    };

    /// Returns the columns that both sets have.
    pub fn and(self, other: Self) -> Self {
        Self {
            threads: self.threads && other.threads,
            gaps: self.gaps && other.gaps,
            sized: self.sized && other.sized,
        }
    }
}

impl Columns {
    /// Returns the columns that have entries.
    pub fn set(&self) -> ColumnSet {
        ColumnSet {
            threads: !self.threads.is_empty(),
            gaps: !self.gaps.is_empty(),
            sized: !self.sized.is_empty(),
        }
    }

    /// Returns the entries of the call at `index`.
    pub fn get(&self, index: usize) -> Context {
        Context {
            thread: self.threads.get(index).copied().unwrap_or_default(),
            gap: self.gaps.get(index).copied().unwrap_or_default(),
            sized: self.sized.get(index).copied().unwrap_or_default(),
        }
    }

    /// Appends a call's entries to the columns of `set`.
    pub fn push(&mut self, set: ColumnSet, context: Context) {
        if set.threads {
            self.threads.push(context.thread);
        }
        if set.gaps {
            self.gaps.push(context.gap);
        }
        if set.sized {
            self.sized.push(context.sized);
        }
    }

    /// Appends the entries of `other`, whose calls follow.
    pub fn append(&mut self, other: &Self) {
        self.threads.extend_from_slice(&other.threads);
        self.gaps.extend_from_slice(&other.gaps);
        self.sized.extend_from_slice(&other.sized);
    }

    /// Drops the entries from the `n_ops`th call on.
    pub fn truncate(&mut self, n_ops: usize) {
        self.threads.truncate(n_ops);
        self.gaps.truncate(n_ops);
        self.sized.truncate(n_ops);
    }

    /// Returns true if each column is empty or has an entry for each of `n_ops` calls.
    pub(super) fn fits(&self, n_ops: usize) -> bool {
        [self.threads.len(), self.gaps.len(), self.sized.len()]
            .iter()
            .all(|&len| len == 0 || len == n_ops)
    }
}

impl Trace {
    /// Returns true if more than one thread makes the first `limit` calls, or all calls without a limit.
    /// O(calls).
    pub fn is_threaded(&self, limit: Option<usize>) -> bool {
        let threads = self.columns.threads.iter();
        let mut replayed = threads.take(limit.unwrap_or(usize::MAX));
        let first = replayed.next();
        replayed.any(|thread| Some(thread) != first)
    }

    /// Drops the calls from the `n_ops`th on, with their entries in the columns.
    pub fn truncate(&mut self, n_ops: usize) {
        self.ops.truncate(n_ops);
        self.columns.truncate(n_ops);
    }
}
