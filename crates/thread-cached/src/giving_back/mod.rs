//! Giving memory back: blocks to their slabs, slabs to free spans, and free spans to the OS.
//!
//! May import `small`, `pages`, `heap` and `os`, and lets `hardened` empty its quarantine.

pub(crate) mod collect;
pub(crate) mod maintenance;
pub(crate) mod purge;
