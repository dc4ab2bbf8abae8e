//! The part of a heap that all threads use.

use crate::heap::ownership::Ownership;
use crate::layout::classes::CLASS_END;
use crate::mutex::Mutex;
use crate::pages::advised_range::AdvisedRange;
use crate::pages::span_slot::SpanSlot;
use crate::pages::spans::Spans;
use crate::primitive::{AtomicUsize, Ordering};
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

    /// Calls `body`, which may take pages that were never used, with the span lock held. Then notes how many bytes of
    /// the region the page map describes.
    pub(crate) fn with_growing<R>(&self, body: impl FnOnce(&mut Spans) -> R) -> R {
        self.spans.with(|spans| {
            let result = body(spans);
            self.described.store(spans.described(), Ordering::Relaxed);
            result
        })
    }

    pub(crate) const fn is_private(&self) -> bool {
        self.is_private
    }

    /// The remote free list of a class.
    #[inline]
    pub(crate) fn remote_list(&self, class: usize) -> &RemoteFreeList {
        debug_assert!(class < CLASS_END);
        // SAFETY: classes are below `CLASS_END`, in the page map and in the loops over all classes.
        unsafe { self.remote_lists.0.get_unchecked(class) }
    }
}
