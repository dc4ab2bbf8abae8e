//! Looking at heaps without changing them: invariants, walks, and size-class statistics.
//!
//! Imports every folder; no folder imports it.

pub(crate) mod access;
pub(crate) mod census;
pub(crate) mod check;
pub(crate) mod inspect;
pub(crate) mod marks;
