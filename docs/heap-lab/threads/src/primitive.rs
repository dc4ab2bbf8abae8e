//! The cells and atomics that the allocator's sources ask for.

pub(crate) use core::cell::Cell;
pub(crate) use core::sync::atomic::{AtomicPtr, Ordering};
