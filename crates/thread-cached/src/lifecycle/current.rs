//! The calling thread's heap: the one thread local, a pointer.
//!
//! `thread_local!` needs std, which an allocator crate does without, and in a shared library each
//! access would be a call. So where the platform has a name for it the pointer is an initial-exec
//! thread local: two instructions, of which an executable's linker turns the first into a
//! constant. It starts as a pointer to a heap without memory, so that no path has to
//! test whether there is a heap.
//!
//! The pointer is a POSIX thread-specific value as well, because that tells when the thread ends.
//! Elsewhere, and with the feature `dynamic-tls`, it is nothing else. Then it needs no static
//! thread-local storage: a library that is loaded late may find none left.

use core::ffi::c_void;
use core::ptr::null_mut;

use crate::heap::HeapRef;
use crate::lifecycle::registry::thread_ended;
use crate::os::ThreadValue;
use crate::primitive::{AtomicBool, Ordering};

/// The calling thread's heap; null if it has none.
static HEAP: ThreadValue = ThreadValue::new(thread_ended);

fn value_of(heap: HeapRef) -> *mut c_void {
    match heap.is_empty() {
        true => null_mut(),
        false => heap.as_ptr().cast(),
    }
}

/// Whether every request must reach the slow path, where `preload` counts it.
static IS_WATCHED: AtomicBool = AtomicBool::new(false);

/// The value of [`quick`] for the thread that has this heap.
fn quick_of(heap: HeapRef) -> HeapRef {
    match IS_WATCHED.load(Ordering::Relaxed) {
        true => HeapRef::EMPTY,
        false => heap,
    }
}

/// Makes [`quick`] the heap without memory, in this thread and in every thread that gets a heap later.
pub(crate) fn watch() {
    IS_WATCHED.store(true, Ordering::Relaxed);
    set_current(current());
}

#[cfg(all(
    target_arch = "x86_64",
    target_os = "linux",
    not(feature = "dynamic-tls")
))]
mod place {
    use core::arch::{asm, global_asm};

    use super::{HEAP, quick_of, value_of};
    use crate::heap::HeapRef;
    use crate::heap::header::EMPTY;

    global_asm!(
        ".pushsection .tdata.thread_cached_current, \"awT\", @progbits",
        ".p2align 3",
        ".globl thread_cached_current",
        ".hidden thread_cached_current",
        ".type thread_cached_current, @tls_object",
        ".size thread_cached_current, 8",
        "thread_cached_current:",
        ".quad {empty}",
        ".hidden thread_cached_quick",
        ".globl thread_cached_quick",
        ".type thread_cached_quick, @tls_object",
        ".size thread_cached_quick, 8",
        "thread_cached_quick:",
        ".quad {empty}",
        ".popsection",
        empty = sym EMPTY,
    );

    /// The calling thread's heap for the hit paths; while requests are counted, the heap without memory.
    #[inline(always)]
    pub(crate) fn quick() -> HeapRef {
        let heap;
        // SAFETY: as in `current`.
        unsafe {
            asm!(
                "mov {heap}, qword ptr [rip + thread_cached_quick@GOTTPOFF]",
                "mov {heap}, qword ptr fs:[{heap}]",
                heap = out(reg) heap,
                options(pure, readonly, nostack, preserves_flags),
            );
            HeapRef::from_ptr(heap)
        }
    }

    /// The calling thread's heap, or the one without memory.
    #[inline(always)]
    pub(crate) fn current() -> HeapRef {
        let heap;
        // SAFETY: reads the thread local above, which holds a heap at all times. A thread's value
        // changes only by `set_current`, so that two reads without a write between are one.
        unsafe {
            asm!(
                "mov {heap}, qword ptr [rip + thread_cached_current@GOTTPOFF]",
                "mov {heap}, qword ptr fs:[{heap}]",
                heap = out(reg) heap,
                options(pure, readonly, nostack, preserves_flags),
            );
            HeapRef::from_ptr(heap)
        }
    }

    /// Makes `heap` the calling thread's.
    pub(crate) fn set_current(heap: HeapRef) {
        // SAFETY: writes the thread local above.
        unsafe {
            asm!(
                "mov {offset}, qword ptr [rip + thread_cached_current@GOTTPOFF]",
                "mov qword ptr fs:[{offset}], {heap}",
                "mov {offset}, qword ptr [rip + thread_cached_quick@GOTTPOFF]",
                "mov qword ptr fs:[{offset}], {quick}",
                offset = out(reg) _,
                heap = in(reg) heap.as_ptr(),
                quick = in(reg) quick_of(heap).as_ptr(),
                options(nostack, preserves_flags),
            );
        }
        HEAP.set(value_of(heap));
    }
}

#[cfg(any(
    feature = "dynamic-tls",
    not(all(target_arch = "x86_64", target_os = "linux"))
))]
mod place {
    use core::ptr::NonNull;

    use super::{HEAP, quick_of, value_of};
    use crate::heap::HeapRef;
    use crate::primitive::{AtomicU32, Ordering};

    /// The calling thread's heap for the hit paths; while requests are counted, the heap without memory.
    #[inline]
    pub(crate) fn quick() -> HeapRef {
        quick_of(current())
    }

    /// The calling thread's heap, or the one without memory.
    #[inline]
    pub(crate) fn current() -> HeapRef {
        // SAFETY: `set_current` wrote it.
        let heap = |heap: NonNull<_>| unsafe { HeapRef::from_ptr(heap.as_ptr()) };
        NonNull::new(HEAP.get().cast()).map_or(HeapRef::EMPTY, heap)
    }

    /// Makes `heap` the calling thread's, if it had another. If it had none, that may fail.
    pub(crate) fn set_current(heap: HeapRef) {
        static IS_FIRST_SET: AtomicU32 = AtomicU32::new(0);
        // A thread's first value may take memory. Whoever wants it here meanwhile has no heap, and
        // gets none: that would go on for ever.
        let is_nested = current().is_empty() && IS_FIRST_SET.swap(1, Ordering::Relaxed) == 1;
        if !is_nested {
            HEAP.set(value_of(heap));
        }
        IS_FIRST_SET.store(0, Ordering::Relaxed);
    }
}

/// Forgets all threads when the code is unloaded, as a plug-in's is, or the process ends: threads that live on must
/// not call into the place where the code was.
extern "C" fn forget_threads() {
    let heap = current();
    HEAP.delete();
    if current() != heap {
        // Nothing leads to it from this thread any more: whoever comes may have it.
        heap.shared().ownership.abandon();
    }
}

// Not by `atexit`, which the first request of a program would have to call: it may come from within.
#[used]
#[unsafe(link_section = ".fini_array")]
static FORGET_THREADS: extern "C" fn() = forget_threads;

pub(crate) use place::{current, quick, set_current};
