//! The atomics, cells and locks that all shared state consists of. `tests/loom/main.rs` compiles the same sources with
//! a model checker's versions.

pub(crate) use core::cell::Cell;
pub(crate) use core::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};

pub(crate) use core_api::RawLock;
pub(crate) use mmap_backed::FutexLock as Lock;
