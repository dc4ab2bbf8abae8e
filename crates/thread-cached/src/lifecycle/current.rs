//! The calling thread's heap: the one thread local, a pair of pointers.
//!
//! `thread_local!` needs std, which an allocator crate does without, and in a shared library each access would be a
//! call. So on x86-64 Linux the pointer is an initial-exec thread local, which takes two instructions. In an executable
//! the linker turns the first one into a constant. The pointer starts as a pointer to a heap without memory, so that no path has to test
//! whether there is a heap.
//!
//! The pointer is a POSIX thread-specific value as well, because that tells when the thread ends. On other systems, and
//! with the feature `dynamic-tls`, it is only that. Then it needs no static thread-local storage. A library that is loaded
//! late may find none left.

use core::ffi::c_void;
use core::ptr::null_mut;

use os::{AtThreadEnd, ThreadValue, probes};

use crate::heap::HeapRef;
use crate::heap::owned::MaybeOwned;
use crate::primitive::{AtomicBool, Ordering};

/// The calling thread's heap; null if it has none.
#[unsafe(link_section = ".data")]
static HEAP: ThreadValue = ThreadValue::new();

fn value_of(heap: HeapRef) -> *mut c_void {
    match heap.is_empty() {
        true => null_mut(),
        false => heap.as_ptr().cast(),
    }
}

/// Whether `preload` counts or samples every request.
static IS_WATCHED: AtomicBool = AtomicBool::new(false);

/// The value of [`quick`] for the thread that has this heap: every request must reach the slow path while `preload`
/// counts it, or a tracer listens.
fn quick_of(heap: HeapRef) -> HeapRef {
    match IS_WATCHED.load(Ordering::Relaxed) || probes::is_heard() {
        true => HeapRef::EMPTY,
        false => heap,
    }
}

/// Makes [`quick`] the heap without memory, in this thread and in every thread that gets a heap later.
pub(crate) fn watch() {
    IS_WATCHED.store(true, Ordering::Relaxed);
    refresh();
}

/// Makes [`quick`] what it is to be since a tracer began or ceased to listen, in this thread.
pub(crate) fn refresh() {
    place::write(current().heap_ref());
}

/// Makes `heap` the calling thread's. If the thread had none, that may fail. If the thread ends with a heap, the system
/// calls `at_end`.
///
/// # Safety
///
/// The calling thread owns the heap until it makes another its own, or the heap is the empty one.
pub(crate) unsafe fn set_current(heap: HeapRef, at_end: AtThreadEnd) {
    place::set_current(heap, at_end);
}

/// The calling thread's heap, or the one without memory. It stays the thread's own until a slow path replaces it or the
/// thread ends: code that called a slow path asks again.
#[inline(always)]
pub(crate) fn current() -> MaybeOwned<'static> {
    // SAFETY: the promise of `set_current`; a thread begins with the empty heap.
    unsafe { MaybeOwned::new(place::current()) }
}

/// The calling thread's heap for the hit paths; while requests are counted, the heap without memory.
#[inline(always)]
pub(crate) fn quick() -> MaybeOwned<'static> {
    // SAFETY: as in `current`; the empty heap needs no owner.
    unsafe { MaybeOwned::new(place::quick()) }
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
    use os::AtThreadEnd;

    /// The symbol of the thread locals between two strings. A program may contain both modes, each with its own.
    #[cfg(not(feature = "hardened"))]
    macro_rules! around_symbol {
        ($before:literal, $after:literal) => {
            concat!($before, "thread_cached_heaps", $after)
        };
    }
    #[cfg(feature = "hardened")]
    macro_rules! around_symbol {
        ($before:literal, $after:literal) => {
            concat!($before, "thread_hardened_heaps", $after)
        };
    }

    // Two pointers: the heap that the hit paths use, and behind it the calling thread's.
    global_asm!(
        around_symbol!(".pushsection .tdata.", ", \"awT\", @progbits"),
        ".p2align 3",
        around_symbol!(".globl ", ""),
        around_symbol!(".hidden ", ""),
        around_symbol!(".type ", ", @tls_object"),
        around_symbol!(".size ", ", 16"),
        around_symbol!("", ":"),
        ".quad {empty}",
        ".quad {empty}",
        ".popsection",
        empty = sym EMPTY,
    );

    /// The heap that the hit paths use.
    #[inline(always)]
    pub(super) fn quick() -> HeapRef {
        read::<0>()
    }

    /// The calling thread's heap, or the one without memory.
    #[inline(always)]
    pub(super) fn current() -> HeapRef {
        read::<8>()
    }

    /// The thread local at this offset.
    #[inline(always)]
    fn read<const OFFSET: usize>() -> HeapRef {
        let heap;
        // SAFETY: it reads the thread local above, which holds a heap at all times. Only `write` changes it, so the
        // compiler may make one of two reads without a write between them.
        unsafe {
            asm!(
                around_symbol!("mov {heap}, qword ptr [rip + ", "@GOTTPOFF]"),
                "mov {heap}, qword ptr fs:[{heap} + {offset}]",
                heap = out(reg) heap,
                offset = const OFFSET,
                options(pure, readonly, nostack, preserves_flags),
            );
            HeapRef::from_ptr(heap)
        }
    }

    /// Makes `heap` the calling thread's.
    pub(super) fn set_current(heap: HeapRef, at_end: AtThreadEnd) {
        write(heap);
        // SAFETY: `at_end` expects the thread's heap, which this is.
        unsafe { HEAP.set(value_of(heap), at_end) };
    }

    /// Writes both thread locals.
    pub(super) fn write(heap: HeapRef) {
        // SAFETY: it writes the thread locals above.
        unsafe {
            asm!(
                around_symbol!("mov {offset}, qword ptr [rip + ", "@GOTTPOFF]"),
                "mov qword ptr fs:[{offset}], {quick}",
                "mov qword ptr fs:[{offset} + 8], {heap}",
                offset = out(reg) _,
                heap = in(reg) heap.as_ptr(),
                quick = in(reg) quick_of(heap).as_ptr(),
                options(nostack, preserves_flags),
            );
        }
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
    use os::AtThreadEnd;

    /// The heap that the hit paths use.
    #[inline]
    pub(super) fn quick() -> HeapRef {
        quick_of(current())
    }

    /// The calling thread's heap, or the one without memory.
    #[inline]
    pub(super) fn current() -> HeapRef {
        // SAFETY: the value comes from `set_current`.
        let heap = |heap: NonNull<_>| unsafe { HeapRef::from_ptr(heap.as_ptr()) };
        NonNull::new(HEAP.get().cast()).map_or(HeapRef::EMPTY, heap)
    }

    /// Does nothing: [`quick`] asks each time.
    pub(super) fn write(_: HeapRef) {}

    /// Makes `heap` the calling thread's, if it had another. If it had none, that may fail.
    pub(super) fn set_current(heap: HeapRef, at_end: AtThreadEnd) {
        static IS_FIRST_SET: AtomicU32 = AtomicU32::new(0);
        // A thread's first value may take memory. A request for that memory comes here again without a heap, and gets
        // none, or the two would call each other for ever.
        let is_nested = current().is_empty() && IS_FIRST_SET.swap(1, Ordering::Relaxed) == 1;
        if !is_nested {
            // SAFETY: `at_end` expects the thread's heap, which this is.
            unsafe { HEAP.set(value_of(heap), at_end) };
        }
        IS_FIRST_SET.store(0, Ordering::Relaxed);
    }
}

/// Forgets all threads when a plug-in's code is unloaded or the process ends: threads that live on must not call into
/// the place where the code was.
extern "C" fn forget_threads() {
    let heap = current();
    HEAP.delete();
    if let Some(lost) = heap.owned().filter(|_| current().is_empty()) {
        // SAFETY: nothing leads to it from this thread any more.
        unsafe { lost.abandon() };
    }
}

// Not by `atexit`: the first request of a program would have to call it, and may come from within `atexit`.
#[used]
#[unsafe(link_section = ".fini_array")]
static FORGET_THREADS: extern "C" fn() = forget_threads;
