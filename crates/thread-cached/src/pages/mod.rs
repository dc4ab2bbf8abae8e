//! The pages of a heap: spans, free or used, the map that describes them, and which of them the OS backs.
//!
//! May import `heap` and `os`.

pub(crate) mod bins;
pub(crate) mod commit;
pub(crate) mod free_spans;
pub(crate) mod huge_pages;
pub(crate) mod mutex;
pub(crate) mod page_map;
pub(crate) mod span_cache;
pub(crate) mod span_slot;
pub(crate) mod spans;
