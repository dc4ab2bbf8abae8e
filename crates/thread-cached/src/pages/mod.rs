//! The pages of a region: spans, free or used, the map that describes them, and which of them the OS backs. Nothing here
//! knows a heap.
//!
//! Imports `hardened`, for the size of its states, `layout` and `os`.

pub(crate) mod advised_range;
pub(crate) mod bins;
pub(crate) mod commit;
pub(crate) mod free_spans;
pub(crate) mod page_map;
pub(crate) mod parts;
pub(crate) mod span;
pub(crate) mod span_cache;
pub(crate) mod span_slot;
pub(crate) mod spans;
