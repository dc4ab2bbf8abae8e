//! The part of a heap that all threads use.

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

/// The part of a heap that any thread may use. Fields that hardly ever change come first; the remote free lists begin
/// a cache line of their own.
#[repr(C, align(64))]
pub(crate) struct Shared {
    /// Bytes of the region.
    len: usize,
    /// Bytes of it that the page map describes. The holder of the span lock adds to them.
    described: AtomicUsize,
    /// Whether the heap is private: it ends with its handle.
    is_private: bool,
    remote_lists: RemoteFreeLists,
    pub(crate) ownership: Ownership,
    pub(crate) spans: Mutex<Spans>,
    pub(crate) span_slot: SpanSlot,
    pub(crate) advised: AdvisedRange,
    /// The next older heap.
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

    /// Bytes of the region that the page map describes. A block that begins there has a kind.
    #[inline]
    pub(crate) fn described(&self) -> usize {
        self.described.load(Ordering::Relaxed)
    }

    /// Notes that the page map describes this many bytes from now on.
    pub(crate) fn describe(&self, bytes: usize) {
        self.described.store(bytes, Ordering::Relaxed);
    }

    pub(crate) const fn is_private(&self) -> bool {
        self.is_private
    }

    /// The remote free list of a class.
    pub(crate) fn remote_list(&self, class: usize) -> &RemoteFreeList {
        &self.remote_lists.0[class]
    }
}
