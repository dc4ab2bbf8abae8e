//! The calling thread's heap: the one thread local, a pointer.
//!
//! `thread_local!` needs std, which an allocator crate does without, and in a shared library each
//! access would be a call. So where the platform has a name for it the pointer is an initial-exec
//! thread local: two instructions, of which an executable's linker turns the first into a
//! constant. It starts as a pointer to a heap without memory, so that no path has to
//! test whether there is a heap. Elsewhere, and with `--cfg portable_thread_local`, the pointer is
//! a POSIX thread-specific value.

#[cfg(all(
    target_arch = "x86_64",
    target_os = "linux",
    not(portable_thread_local)
))]
mod place {
    use core::arch::{asm, global_asm};

    use crate::heap::{EMPTY, HeapRef};

    global_asm!(
        ".pushsection .tdata.thread_cached_current, \"awT\", @progbits",
        ".p2align 3",
        ".globl thread_cached_current",
        ".hidden thread_cached_current",
        ".type thread_cached_current, @tls_object",
        ".size thread_cached_current, 8",
        "thread_cached_current:",
        ".quad {empty}",
        ".popsection",
        empty = sym EMPTY,
    );

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
                offset = out(reg) _,
                heap = in(reg) heap.as_ptr(),
                options(nostack, preserves_flags),
            );
        }
    }
}

#[cfg(any(
    portable_thread_local,
    not(all(target_arch = "x86_64", target_os = "linux"))
))]
mod place {
    use core::ptr::NonNull;

    use crate::heap::HeapRef;
    use crate::os::ThreadValue;

    static CURRENT: ThreadValue = ThreadValue::new(None);

    /// The calling thread's heap, or the one without memory.
    #[inline]
    pub(crate) fn current() -> HeapRef {
        // SAFETY: `set_current` wrote it.
        let heap = |heap: NonNull<_>| unsafe { HeapRef::from_ptr(heap.as_ptr()) };
        NonNull::new(CURRENT.get().cast()).map_or(HeapRef::EMPTY, heap)
    }

    /// Makes `heap` the calling thread's.
    pub(crate) fn set_current(heap: HeapRef) {
        CURRENT.set(heap.as_ptr().cast());
    }
}

pub(crate) use place::{current, set_current};
