//! Calls to the C library, other than those for `errno` and files: memory, handlers, the environment.

use core::ffi::{CStr, c_char};
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::errno;

/// Returns the size of an OS page; asks the system once and caches the answer.
#[inline]
pub(crate) fn page_size() -> usize {
    static PAGE_SIZE: AtomicUsize = AtomicUsize::new(0);
    match PAGE_SIZE.load(Ordering::Relaxed) {
        0 => {
            // SAFETY: `sysconf` takes a number and touches no memory of ours.
            let asked = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
            let asked = usize::try_from(asked).unwrap_or(4096);
            PAGE_SIZE.store(asked, Ordering::Relaxed);
            asked
        }
        known => known,
    }
}

/// Maps `len` zero bytes, which cost nothing until they are touched; `len` is a multiple of the page size.
pub(crate) fn map(len: usize) -> Option<NonNull<u8>> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: without `MAP_FIXED` the kernel picks addresses that are not in use.
    let base = unsafe { libc::mmap(null_mut(), len, protection, flags, -1, 0) };
    if base == libc::MAP_FAILED {
        return None;
    }
    NonNull::new(base.cast())
}

/// Unmaps pages.
///
/// # Safety
///
/// `len` bytes from `start` are whole mapped pages, and nothing uses them again.
pub(crate) unsafe fn unmap(start: *mut u8, len: usize) {
    // SAFETY: by the caller's promise nothing uses the pages. The kernel cannot refuse, because the
    // mapping only becomes shorter.
    unsafe { libc::munmap(start.cast(), len) };
}

/// Returns true if the kernel counts one thread in the process: `/proc/self/task` has a link for each
/// thread beside its own two. Returns false if there is no `/proc`. A signal handler may call it.
pub(crate) fn has_one_thread() -> bool {
    // SAFETY: `stat` has only integer fields, for which zero bytes are valid; the path ends in a zero byte.
    errno::kept(|| unsafe {
        let mut threads: libc::stat = core::mem::zeroed();
        libc::stat(c"/proc/self/task".as_ptr(), &mut threads) == 0 && threads.st_nlink == 3
    })
}

/// Registers three functions that `fork` calls: before it, and after it in the parent and in the child.
pub(crate) fn at_fork(before: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    // SAFETY: the functions live as long as the program. If the call fails (no memory for the list of
    // handlers), `fork` stays as unprotected as before; nothing here could improve that.
    unsafe { libc::pthread_atfork(Some(before), Some(parent), Some(child)) };
}

/// Ends the process with `SIGABRT`.
pub(crate) fn abort() -> ! {
    // SAFETY: the function takes no argument and has no precondition.
    unsafe { libc::abort() }
}

/// Returns a number that identifies the calling thread within the process; never 0.
pub(crate) fn thread() -> usize {
    // SAFETY: the function takes no argument and has no precondition.
    unsafe { libc::pthread_self() as usize }
}

/// Returns the process ID.
pub(crate) fn process() -> i32 {
    // SAFETY: the function takes no argument and has no precondition.
    unsafe { libc::getpid() }
}

/// Returns true if the program has more rights than the user who started it.
pub(crate) fn is_privileged() -> bool {
    // SAFETY: the function takes a number and has no precondition.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// Iterates over the entries of the environment, each `NAME=value`. Nothing may change the environment
/// during the iteration.
pub(crate) fn environment() -> impl Iterator<Item = &'static CStr> {
    unsafe extern "C" {
        static environ: *const *const c_char;
    }
    // SAFETY: `environ` is the C library's array of strings; a null pointer ends it, and `map_while` stops there.
    let entry = |index| unsafe {
        let entry = *environ.add(index);
        (!entry.is_null()).then(|| CStr::from_ptr(entry))
    };
    // SAFETY: the static is initialised before this library's code runs; nothing writes it meanwhile.
    let is_there = unsafe { !environ.is_null() };
    (0..).map_while(move |index| is_there.then(|| entry(index))?)
}

/// Parses a text as a number.
pub(crate) fn number(text: &CStr) -> Option<usize> {
    text.to_str().ok()?.parse().ok()
}

/// Installs a handler for a signal; system calls that the signal interrupts are restarted.
pub(crate) fn on_signal(signal: i32, handler: extern "C" fn(i32)) {
    // SAFETY: zero bytes are valid for `sigaction`; the function lives as long as the program.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(signal, &action, null_mut());
    }
}
