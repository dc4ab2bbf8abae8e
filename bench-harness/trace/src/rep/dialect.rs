//! The headers of `.rep` files, and how to distinguish them.

/// A header of one of the courses. The calls are the same in all dialects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `suggested heap size, ids, calls, weight`: CS:APP, since the first edition.
    Classic,
    /// `weight, ids, calls, ignore ranges`: autograded courses.
    Flags,
    /// `weight, ids, calls, peak live bytes`: CMU, since 2016.
    Peak,
    /// `ids, calls`: the port to xv6.
    Short,
}

/// What a header declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub dialect: Dialect,
    pub n_ids: u64,
    pub n_ops: u64,
}

impl Header {
    /// Finds the dialect by the header's numbers; `None` if there are neither two nor four.
    ///
    /// A weight is 0 to 3 and a suggested heap size is at least 100, so the first number distinguishes these. The
    /// last number is a flag or a number of bytes.
    pub(super) fn new(numbers: &[u64]) -> Option<Self> {
        let (dialect, n_ids, n_ops) = match *numbers {
            [n_ids, n_ops] => (Dialect::Short, n_ids, n_ops),
            [0..=3, n_ids, n_ops, 0..=1] => (Dialect::Flags, n_ids, n_ops),
            [0..=3, n_ids, n_ops, _] => (Dialect::Peak, n_ids, n_ops),
            [_, n_ids, n_ops, _] => (Dialect::Classic, n_ids, n_ops),
            _ => return None,
        };
        Some(Self {
            dialect,
            n_ids,
            n_ops,
        })
    }
}
