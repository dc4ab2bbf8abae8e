//! Frees by other threads: the freeing thread's cache, and the list that the owner takes.
//!
//! Imports `layout` and `os`.

pub(crate) mod remote_cache;
pub(crate) mod remote_list;
