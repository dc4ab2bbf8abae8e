//! The list of all threads' heaps. Heaps join it and never leave.

use core::ptr::NonNull;

use crate::heap::HeapRef;
use crate::heap::header::HeapHeader;
use crate::primitive::{AtomicPtr, Ordering};

/// The newest of the threads' heaps; each leads to the next older one.
#[unsafe(link_section = ".data")]
static NEWEST: AtomicPtr<HeapHeader> = AtomicPtr::new(core::ptr::null_mut());

/// All of the threads' heaps, the newest first.
pub(crate) fn heaps() -> impl Iterator<Item = HeapRef> {
    let heap = |ptr: *mut HeapHeader| {
        // SAFETY: a pointer that is not null comes from `push`, and its heap lives as long as the process.
        NonNull::new(ptr).map(|_| unsafe { HeapRef::from_ptr(ptr) })
    };
    core::iter::successors(heap(NEWEST.load(Ordering::Acquire)), move |newer| {
        heap(newer.older().load(Ordering::Acquire))
    })
}

/// Adds a heap. One thread at a time may do so.
pub(crate) fn push(heap: HeapRef) {
    let newest = NEWEST.load(Ordering::Relaxed);
    heap.older().store(newest, Ordering::Relaxed);
    NEWEST.store(heap.as_ptr(), Ordering::Release);
}
