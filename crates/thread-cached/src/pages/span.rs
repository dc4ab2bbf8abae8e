//! A span: a run of pages.

use crate::pages::page_map::Record;

/// Pages from `page` on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) page: u32,
    pub(crate) len: u32,
    /// When its pages were last used; [`Record::CLEAN`] if they are zero.
    pub(crate) since: u32,
}

impl Span {
    /// No pages.
    pub(crate) const NONE: Self = Self {
        page: 0,
        len: 0,
        since: Record::CLEAN,
    };

    pub(crate) const fn is_zero(self) -> bool {
        self.since == Record::CLEAN
    }

    pub(crate) const fn end(self) -> u32 {
        self.page + self.len
    }

    /// Splits the span into its first `len` pages, of at least as many, and the rest, which may have none.
    pub(crate) const fn split(self, len: u32) -> [Self; 2] {
        let mut rest = self;
        rest.page += len;
        rest.len -= len;
        [Self { len, ..self }, rest]
    }
}
