//! Calls to the C library that only this crate makes, other than those for files: handlers, the environment.

use core::ffi::{CStr, c_char};
use core::ptr::null_mut;

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
