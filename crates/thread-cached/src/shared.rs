//! What threads share of a heap.

use core::ptr::null_mut;

use crate::classes::CLASS_END;
use crate::guarded::Guarded;
use crate::heap::HeapHeader;
use crate::huge_pages::Asked;
use crate::inbox::Inbox;
use crate::ownership::Ownership;
use crate::primitive::{AtomicPtr, AtomicUsize, Ordering};
use crate::spans::Spans;
use crate::spare::Spare;

/// What any thread may touch: what hardly ever changes first, and then, in a cache line of its own, what
/// others write to.
#[repr(C, align(64))]
pub(crate) struct Shared {
    /// Bytes of the region.
    len: usize,
    /// Bytes of it that the page map describes. Whoever has the span lock adds to them.
    described: AtomicUsize,
    /// Whether the heap is one of a program's own, which ends with its handle.
    is_private: bool,
    inboxes: Inboxes,
    pub(crate) ownership: Ownership,
    pub(crate) spans: Guarded<Spans>,
    pub(crate) spare: Spare,
    pub(crate) asked: Asked,
    /// The heap that was created before.
    pub(crate) older: AtomicPtr<HeapHeader>,
}

/// One for each class, from the start of a cache line.
#[repr(align(64))]
struct Inboxes([Inbox; CLASS_END]);

impl Shared {
    pub(crate) const fn new(spans: Spans, len: usize, is_private: bool) -> Self {
        Self {
            len,
            described: AtomicUsize::new(spans.described()),
            is_private,
            inboxes: Inboxes([const { Inbox::new() }; CLASS_END]),
            ownership: Ownership::new(),
            spans: Guarded::new(spans),
            spare: Spare::new(),
            asked: Asked::new(),
            older: AtomicPtr::new(null_mut()),
        }
    }

    /// Bytes of the region.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Bytes of the region that the page map describes: what begins in them has a kind.
    #[inline]
    pub(crate) fn described(&self) -> usize {
        self.described.load(Ordering::Relaxed)
    }

    /// The page map describes so many bytes from now on.
    pub(crate) fn describe(&self, bytes: usize) {
        self.described.store(bytes, Ordering::Relaxed);
    }

    pub(crate) const fn is_private(&self) -> bool {
        self.is_private
    }

    /// Where other threads leave freed blocks of a class.
    pub(crate) fn inbox(&self, class: usize) -> &Inbox {
        &self.inboxes.0[class]
    }
}
