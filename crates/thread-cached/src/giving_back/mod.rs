//! Giving memory back: blocks to their slabs, slabs to free spans, and free spans to the OS.
//!
//! Imports `small`, `huge_pages`, `heap`, `pages`, `hardened`, `layout` and `os`.

pub(crate) mod collect;
pub(crate) mod maintenance;
pub(crate) mod purge;
