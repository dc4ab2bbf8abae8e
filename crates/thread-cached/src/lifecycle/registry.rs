//! The registry of threads' heaps: creates and adopts them, abandons them when a thread ends, and holds their locks
//! across `fork`.

use core::ffi::c_void;
use core::ptr::NonNull;

use core_api::RawLock;

use crate::giving_back::collect;
use crate::hardened;
use crate::heap::HeapRef;
use crate::heap::all;
use crate::heap::header::HeapHeader;
use crate::heap::owned::Owned;
use crate::heap::shared::Shared;
use crate::large::address_map;
use crate::layout::units::{LEAST_REGION, MAP_ENTRY, PAGE_LOG2, REGION, SUBPAGE_PAGES};
use crate::lifecycle::current::{current, set_current};
use crate::pages::commit::Committed;
use crate::pages::spans::Spans;
use crate::primitive::{AtomicU32, Lock, Ordering};

/// The lock of the list of heaps, held while a heap is added, and across `fork`.
#[unsafe(link_section = ".data")]
static ADDING: Lock = Lock::UNLOCKED;

/// 1 if the process had one thread when it began to fork: then it holds no lock across the fork, because no other
/// thread can hold one. If a signal's handler forks, the interrupted code may hold one, and goes on in both processes.
static FORKS_ALONE: AtomicU32 = AtomicU32::new(0);

/// Acquires a heap for the calling thread: an abandoned one, or a new one. `None` if there is no address space, or if
/// the system cannot store the thread's heap.
#[cold]
pub(crate) fn acquire() -> Option<Owned<'static>> {
    let heap = adopted().next().or_else(create_shared)?;
    // Either call may allocate, and may even give the thread another heap.
    make_current(heap);
    prepare();
    let own = current().owned();
    if own.is_none() {
        // SAFETY: the system could not store it, so no other copy exists.
        unsafe { heap.abandon() };
    }
    own
}

/// Makes a heap the calling thread's own.
fn make_current(heap: Owned<'static>) {
    // SAFETY: the calling thread owns it until `thread_ended`, `leave` or `replace`.
    unsafe { set_current(heap.heap_ref(), thread_ended) };
}

/// Serves one request on a borrowed heap when the thread cannot own one. The heap, adopted or new, is abandoned
/// afterwards.
#[cold]
pub(crate) fn borrow<T>(serve: impl Fn(Owned<'_>) -> Option<T>) -> Option<T> {
    let created = core::iter::once_with(create_shared).flatten();
    // SAFETY: `serve` could not keep a copy.
    serve_on(adopted().chain(created), serve, |heap| unsafe {
        heap.abandon();
    })
}

/// Serves a request for which `full` has no room on an abandoned heap, or on a new one if `may_create`. On success that
/// heap replaces the calling thread's. A private heap is never replaced.
#[cold]
pub(crate) fn replace<T>(
    full: Owned<'_>,
    may_create: bool,
    serve: impl Fn(Owned<'_>) -> Option<T>,
) -> Option<T> {
    if full.shared().is_private() {
        return None;
    }
    let create = || may_create.then(create_shared).flatten();
    let created = core::iter::once_with(create).flatten();
    let collected = adopted().inspect(|&heap| collect::collect_all(heap));
    serve_on(collected.chain(created), serve, |heap| {
        make_current(heap);
        full.own().remote_cache.flush();
        full.release_spans();
        // SAFETY: the callers have no use for a full heap.
        unsafe { full.abandon() };
    })
}

/// All abandoned heaps, one after the other, each adopted.
fn adopted() -> impl Iterator<Item = Owned<'static>> {
    all::heaps().filter_map(HeapRef::adopt)
}

/// Serves a request on the first heap that has room, and passes that heap to `keep`. Abandons the others.
fn serve_on<T>(
    mut heaps: impl Iterator<Item = Owned<'static>>,
    serve: impl Fn(Owned<'_>) -> Option<T>,
    keep: impl Fn(Owned<'static>),
) -> Option<T> {
    heaps.find_map(|heap| {
        let served = serve(heap);
        match served {
            Some(_) => keep(heap),
            // SAFETY: `serve` could not keep a copy.
            None => unsafe { heap.abandon() },
        }
        served
    })
}

/// Registers the handlers for `fork`, once.
fn prepare() {
    #[unsafe(link_section = ".data")]
    static PREPARED: AtomicU32 = AtomicU32::new(0);
    if PREPARED.load(Ordering::Relaxed) == 1 || PREPARED.swap(1, Ordering::Relaxed) == 1 {
        return;
    }
    os::at_fork(before_fork, after_fork, after_fork);
}

/// Abandons the heap of a thread that ends. Destructors that run later may still allocate: they acquire a heap as a
/// new thread does.
unsafe extern "C" fn thread_ended(value: *mut c_void) {
    abandon(current().owned().unwrap_or_else(|| {
        // Where only the value led to the heap, the system has cleared it by now.
        // SAFETY: `set_current` had this value for a heap that the thread owns.
        unsafe { Owned::new(HeapRef::from_ptr(value.cast())) }
    }));
}

/// Abandons the calling thread's heap, if it has one.
pub(crate) fn leave() {
    if let Some(heap) = current().owned() {
        abandon(heap);
    }
}

/// Abandons the calling thread's heap. The caller does not use it again.
fn abandon(heap: Owned<'_>) {
    // SAFETY: the empty heap needs no owner.
    unsafe { set_current(HeapRef::EMPTY, thread_ended) };
    heap.own().remote_cache.flush();
    heap.release_spans();
    collect::at_thread_end(heap);
    // SAFETY: the thread has no heap any more, and the callers end here.
    unsafe { heap.abandon() };
}

/// Creates a heap of the calling thread's, which any thread may adopt later.
fn create_shared() -> Option<Owned<'static>> {
    let heap = create(false)?;
    ADDING.acquire();
    all::push(heap.heap_ref());
    // SAFETY: acquired above.
    unsafe { ADDING.release() };
    Some(heap)
}

/// Creates a heap in a region of its own. The calling thread owns it.
pub(crate) fn create(is_private: bool) -> Option<Owned<'static>> {
    hardened::prepare();
    let (base, len) = reserve()?;
    // SAFETY: the region is that long, and no other thread has seen it.
    unsafe {
        let heap = begin(base, len, is_private).filter(|_| address_map::enter_heap(base, len));
        if heap.is_none() {
            os::unmap(base, len);
        }
        heap
    }
}

/// Commits the start of a region, and writes its header. `None` if there is no memory for that.
///
/// # Safety
///
/// The region was reserved, is `len` bytes long, and no other thread knows it.
unsafe fn begin(base: NonNull<u8>, len: usize, is_private: bool) -> Option<Owned<'static>> {
    let parts = HeapHeader::parts(len >> PAGE_LOG2);
    let header = base.cast::<HeapHeader>();
    // SAFETY: by the caller's promise the region is there. Its start, where the header lies, is committed. A new heap is
    // its creator's.
    unsafe {
        let committed = Committed::new(base, parts)?;
        let first = parts.first_page + SUBPAGE_PAGES;
        let end = parts.end_page as u32;
        let spans = Spans::new(parts.page_map(base), committed, first as u32, end);
        let first_offset = parts.first_page << PAGE_LOG2;
        HeapHeader::write(header, first_offset, Shared::new(spans, len, is_private));
        let heap = Owned::new(HeapRef::from_ptr(header.as_ptr()));
        heap.has_grown();
        Some(heap)
    }
}

/// Reserves address space for a heap: [`REGION`] bytes. Where address space is limited, a quarter of what is free, so
/// that other heaps and the rest of the program get some.
fn reserve() -> Option<(NonNull<u8>, usize)> {
    let mut len = REGION;
    while len >= LEAST_REGION {
        if let Some(base) = os::reserve_aligned(len, MAP_ENTRY) {
            let part = if len == REGION { len } else { len / 4 };
            let kept = part.max(LEAST_REGION);
            if kept < len {
                // SAFETY: mapped just now, and no other thread has seen it.
                unsafe { os::unmap(base.add(kept), len - kept) };
            }
            return Some((base, kept));
        }
        len /= 2;
    }
    None
}

/// Destroys a private heap with every block in it.
///
/// # Safety
///
/// Nothing uses the heap or its blocks again.
pub(crate) unsafe fn destroy(heap: Owned<'_>) {
    let len = heap.shared().len();
    heap.own().remote_cache.flush();
    address_map::remove(heap.address(), len);
    // SAFETY: by the caller's promise nothing uses the region again.
    unsafe { os::unmap(heap.base(), len) };
}

/// Holds every lock across `fork`, so that the child finds them open and their data whole. Only the calling thread
/// lives on in the child; it never touches the lists of the other threads' heaps.
extern "C" fn before_fork() {
    let is_alone = os::has_one_thread();
    FORKS_ALONE.store(u32::from(is_alone), Ordering::Relaxed);
    if is_alone {
        return;
    }
    ADDING.acquire();
    for heap in all::heaps() {
        heap.shared().spans.lock().acquire();
    }
    hardened::acquire_lock();
}

extern "C" fn after_fork() {
    if FORKS_ALONE.load(Ordering::Relaxed) == 1 {
        return;
    }
    // SAFETY: `before_fork` acquired it in this thread.
    unsafe { hardened::release_lock() };
    for heap in all::heaps() {
        // SAFETY: as above, and no heap came since.
        unsafe { heap.shared().spans.lock().release() };
    }
    // SAFETY: as above.
    unsafe { ADDING.release() };
}
