//! `errno`, in which the C library says why a call failed.

use core::ffi::c_int;

/// Returns the address of the calling thread's `errno`.
#[inline]
pub fn errno() -> *mut c_int {
    #[cfg(target_os = "android")]
    use libc::__errno as location;
    #[cfg(not(target_os = "android"))]
    use libc::__errno_location as location;
    // SAFETY: the function takes no argument and has no precondition.
    unsafe { location() }
}

/// Calls `body` and restores the thread's `errno`: errors of system calls inside `body` do not concern the program.
#[inline]
pub fn keeping_errno<T>(body: impl FnOnce() -> T) -> T {
    let place = errno();
    // SAFETY: `errno` belongs to this thread and lives as long as the thread.
    unsafe {
        let before = place.read();
        let result = body();
        place.write(before);
        result
    }
}
