//! Ownership of a heap: one thread at a time may use its lists.
//!
//! ```text
//!              adopt: compare-and-swap (Acquire)
//!         ┌───────────────────────────────────────┐
//!         ▼                                       │
//!      OWNED ──── abandon: store (Release) ──► ABANDONED
//! ```
//!
//! A heap is created owned. The owner abandons it when its thread ends (or when the heap is full
//! and the thread takes another). A thread that needs a heap adopts an abandoned one before it
//! creates one; a maintenance pass adopts an abandoned heap for a moment. The memory of a heap
//! outlives every thread, so a remote free never asks for the owner.

use crate::primitive::{AtomicU32, Ordering};

const OWNED: u32 = 0;
const ABANDONED: u32 = 1;

/// The state of one heap.
#[derive(Debug)]
pub(crate) struct Ownership(AtomicU32);

impl Ownership {
    /// The state of a heap that was created by its owner.
    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(OWNED))
    }

    /// Abandons the heap. The thread that adopts it sees all that this thread did with it.
    pub(crate) fn abandon(&self) {
        self.0.store(ABANDONED, Ordering::Release);
    }

    /// Takes the heap if it is abandoned; `true` on success.
    pub(crate) fn adopt(&self) -> bool {
        self.is_abandoned()
            && self
                .0
                .compare_exchange(ABANDONED, OWNED, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
    }

    /// Whether no thread owns the heap now.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.0.load(Ordering::Relaxed) == ABANDONED
    }
}
