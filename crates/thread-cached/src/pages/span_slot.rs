//! The slot for one long span that the owner freed last, for its next request of the same length.
//!
//! Other threads must be able to give the span back while the owner sleeps. So the slot is one atomic word, and the
//! thread that takes the word has the span.

use crate::pages::span::Span;
use crate::primitive::{AtomicU32, AtomicU64, Ordering};

/// Only the owner puts a span in; any thread may take it.
#[derive(Debug)]
pub(crate) struct SpanSlot {
    /// First page and length; 0 if there is none.
    place: AtomicU64,
    /// When the span was put in. Another thread may see the time of the next span.
    since: AtomicU32,
}

impl SpanSlot {
    pub(crate) const fn new() -> Self {
        Self {
            place: AtomicU64::new(0),
            since: AtomicU32::new(0),
        }
    }

    /// Takes the span if it has `len` pages. For the owner.
    pub(crate) fn take(&self, len: u32) -> Option<Span> {
        let place = self.place.load(Ordering::Relaxed);
        if place as u32 != len || place == 0 {
            return None;
        }
        self.take_now()
    }

    /// Takes the block. Any thread may call this.
    fn take_now(&self) -> Option<Span> {
        // Acquire: the thread that put the span in is done with it, and has written `since`.
        let place = self.place.swap(0, Ordering::Acquire);
        (place != 0).then(|| Span {
            page: (place >> 32) as u32,
            len: place as u32,
            since: self.since.load(Ordering::Relaxed),
        })
    }

    /// Puts a span in and returns the former one. For the owner.
    pub(crate) fn put(&self, span: Span) -> Option<Span> {
        let before = self.take_old(|_| true);
        self.since.store(span.since, Ordering::Relaxed);
        let place = (u64::from(span.page) << 32) | u64::from(span.len);
        // Only the owner puts spans in, so the slot is still empty.
        self.place.store(place, Ordering::Release);
        before
    }

    /// Takes the span if its time of free satisfies `is_over`. For any thread.
    pub(crate) fn take_old(&self, is_over: impl Fn(u32) -> bool) -> Option<Span> {
        let is_there = self.place.load(Ordering::Relaxed) != 0;
        let is_old = is_there && is_over(self.since.load(Ordering::Relaxed));
        if is_old { self.take_now() } else { None }
    }
}
