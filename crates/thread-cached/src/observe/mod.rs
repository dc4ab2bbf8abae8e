//! Looking at heaps without changing them: invariants, walks, size-class statistics, and probes.
//!
//! Imports every folder; no folder imports it.

pub(crate) mod access;
pub(crate) mod census;
pub(crate) mod check;
pub(crate) mod inspect;
pub(crate) mod marks;
pub(crate) mod probed;
