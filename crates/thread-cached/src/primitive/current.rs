//! The calling thread's heap: the one thread local, a pointer.
//!
//! `thread_local!` needs std, which an allocator crate does without, and in a shared library each
//! access would be a call. So where the platform has a name for it the pointer is an initial-exec
//! thread local: two instructions, of which an executable's linker turns the first into a
//! constant. It starts as a pointer to [`EMPTY`], a heap without memory, so that no path has to
//! test whether there is a heap. Elsewhere the pointer is a POSIX thread-specific value.

use crate::heap::{EMPTY, HeapRef};

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod place {
    use core::arch::{asm, global_asm};

    use super::{EMPTY, HeapRef};

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

    /// The calling thread's heap, or [`EMPTY`].
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

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
mod place {
    use super::{EMPTY, HeapRef};
    use crate::os::ThreadValue;

    static CURRENT: ThreadValue = ThreadValue::new();

    /// The calling thread's heap, or [`EMPTY`].
    #[inline]
    pub(crate) fn current() -> HeapRef {
        let heap = CURRENT.get();
        if heap.is_null() {
            return HeapRef::of_static(&EMPTY);
        }
        // SAFETY: `set_current` wrote it.
        unsafe { HeapRef::from_ptr(heap.cast()) }
    }

    /// Makes `heap` the calling thread's.
    pub(crate) fn set_current(heap: HeapRef) {
        CURRENT.set(heap.as_ptr().cast());
    }
}

pub(crate) use place::{current, set_current};
