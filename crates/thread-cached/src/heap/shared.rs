//! What threads share of a heap.

use core::ptr::null_mut;

use crate::heap::classes::CLASS_END;
use crate::heap::header::HeapHeader;
use crate::heap::ownership::Ownership;
use crate::pages::huge_pages::AdvisedRange;
use crate::pages::mutex::Mutex;
use crate::pages::span_slot::SpanSlot;
use crate::pages::spans::Spans;
use crate::primitive::{AtomicPtr, AtomicUsize, Ordering};
use crate::remote::remote_list::RemoteFreeList;

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
    remote_lists: RemoteFreeLists,
    pub(crate) ownership: Ownership,
    pub(crate) spans: Mutex<Spans>,
    pub(crate) span_slot: SpanSlot,
    pub(crate) advised: AdvisedRange,
    /// The heap that was created before.
    pub(crate) older: AtomicPtr<HeapHeader>,
}

/// One for each class, from the start of a cache line.
#[repr(align(64))]
struct RemoteFreeLists([RemoteFreeList; CLASS_END]);

impl Shared {
    pub(crate) const fn new(spans: Spans, len: usize, is_private: bool) -> Self {
        Self {
            len,
            described: AtomicUsize::new(spans.described()),
            is_private,
            remote_lists: RemoteFreeLists([const { RemoteFreeList::new() }; CLASS_END]),
            ownership: Ownership::new(),
            spans: Mutex::new(spans),
            span_slot: SpanSlot::new(),
            advised: AdvisedRange::new(),
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
    pub(crate) fn remote_list(&self, class: usize) -> &RemoteFreeList {
        &self.remote_lists.0[class]
    }
}
