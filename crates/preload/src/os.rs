//! What is asked of the C library beside its `errno` and its files: memory, handlers, the environment.

use core::ffi::{CStr, c_char};
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::errno;

/// Bytes of an OS page: asked once, then remembered.
#[inline]
pub(crate) fn page_size() -> usize {
    static PAGE_SIZE: AtomicUsize = AtomicUsize::new(0);
    match PAGE_SIZE.load(Ordering::Relaxed) {
        0 => {
            // SAFETY: `sysconf` only reads its argument.
            let asked = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
            let asked = usize::try_from(asked).unwrap_or(4096);
            PAGE_SIZE.store(asked, Ordering::Relaxed);
            asked
        }
        known => known,
    }
}

/// `len` bytes that are zero and cost nothing until they are touched; `len` is a multiple of the
/// page size.
pub(crate) fn map(len: usize) -> Option<NonNull<u8>> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: without `MAP_FIXED` the kernel picks addresses that nobody uses.
    let base = unsafe { libc::mmap(null_mut(), len, protection, flags, -1, 0) };
    if base == libc::MAP_FAILED {
        return None;
    }
    NonNull::new(base.cast())
}

/// Gives mapped pages back.
///
/// # Safety
///
/// `len` bytes from `start` are whole mapped pages that nobody uses again.
pub(crate) unsafe fn unmap(start: *mut u8, len: usize) {
    // SAFETY: the caller's promise. The kernel cannot refuse: a mapping only becomes shorter.
    unsafe { libc::munmap(start.cast(), len) };
}

/// Whether the process has one thread, as the kernel counts them: the directory has a link for each
/// of them beside its own two. `false` where there is no `/proc`. May be asked in a signal's handler.
pub(crate) fn has_one_thread() -> bool {
    // SAFETY: a structure of numbers, and a path that ends in a zero.
    errno::kept(|| unsafe {
        let mut threads: libc::stat = core::mem::zeroed();
        libc::stat(c"/proc/self/task".as_ptr(), &mut threads) == 0 && threads.st_nlink == 3
    })
}

/// Has `fork` call these three functions: before, and after in the parent and in the child.
pub(crate) fn at_fork(before: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    // SAFETY: the functions live as long as the program. A failure (no memory for the list of
    // handlers) leaves `fork` as unprotected as it was, which nothing here could improve.
    unsafe { libc::pthread_atfork(Some(before), Some(parent), Some(child)) };
}

/// Ends the process by `SIGABRT`.
pub(crate) fn abort() -> ! {
    // SAFETY: always allowed.
    unsafe { libc::abort() }
}

/// What tells the calling thread from the others of the process; not 0.
pub(crate) fn thread() -> usize {
    // SAFETY: always allowed.
    unsafe { libc::pthread_self() as usize }
}

/// The number of this process.
pub(crate) fn process() -> i32 {
    // SAFETY: always allowed.
    unsafe { libc::getpid() }
}

/// Whether the program has more rights than the user who started it.
pub(crate) fn is_privileged() -> bool {
    // SAFETY: always allowed.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// The entries of the environment, `NAME=value` each. Nobody may change it meanwhile.
pub(crate) fn environment() -> impl Iterator<Item = &'static CStr> {
    unsafe extern "C" {
        static environ: *const *const c_char;
    }
    // SAFETY: the C library's array of strings, which a null pointer ends.
    let entry = |index| unsafe {
        let entry = *environ.add(index);
        (!entry.is_null()).then(|| CStr::from_ptr(entry))
    };
    // SAFETY: null or the array, as above.
    let is_there = unsafe { !environ.is_null() };
    (0..).map_while(move |index| is_there.then(|| entry(index))?)
}

/// The number that a text is, if it is one.
pub(crate) fn number(text: &CStr) -> Option<usize> {
    text.to_str().ok()?.parse().ok()
}

/// Has a signal call this function; system calls that it interrupts go on.
pub(crate) fn on_signal(signal: i32, handler: extern "C" fn(i32)) {
    // SAFETY: structures of numbers; the function lives as long as the program.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(signal, &action, null_mut());
    }
}
