//! What C's callers learn beside a null pointer.

use core::ffi::{c_int, c_void};
use core::ptr::{NonNull, null_mut};

use core_api::AllocError;

use crate::served::Served;
use crate::stage;

/// Why a call failed, as `errno` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub(crate) enum Failure {
    /// No memory, or more than an object can have.
    NoMemory = libc::ENOMEM,
    /// An alignment that is none.
    Invalid = libc::EINVAL,
}

impl From<AllocError> for Failure {
    fn from(_: AllocError) -> Self {
        Self::NoMemory
    }
}

/// A block's first byte, or why there is none.
pub(crate) type Outcome = Result<NonNull<u8>, Failure>;

/// The thread's `errno`.
#[inline]
fn place() -> *mut c_int {
    // SAFETY: always allowed.
    unsafe { libc::__errno_location() }
}

/// Runs `run` and puts `errno` back (P5): what the system said on the way is nobody's concern.
#[inline]
pub(crate) fn kept<T>(run: impl FnOnce() -> T) -> T {
    let place = place();
    // SAFETY: the place is this thread's, and stays for as long as the thread does.
    let before = unsafe { place.read() };
    let result = run();
    // SAFETY: as above.
    unsafe { place.write(before) };
    result
}

/// As [`kept`], for what the stage alone does: some keep `errno` themselves.
#[inline]
pub(crate) fn kept_by_stage<T>(run: impl FnOnce() -> T) -> T {
    fn keeps<S: Served>(_: &S) -> bool {
        S::KEEPS_ERRNO
    }
    match keeps(&stage::HEAP) {
        true => run(),
        false => kept(run),
    }
}

/// The outcome as C returns it: a pointer and the old `errno`, or null and a new one.
#[inline]
pub(crate) fn pointer(run: impl FnOnce() -> Outcome) -> *mut c_void {
    match kept_by_stage(run) {
        Ok(block) => block.as_ptr().cast(),
        Err(failure) => {
            // SAFETY: as in `kept`.
            unsafe { place().write(failure as c_int) };
            null_mut()
        }
    }
}

/// -1, as functions return it that have no pointer to return, and a new `errno`.
pub(crate) fn refuse(failure: Failure) -> c_int {
    // SAFETY: as in `kept`.
    unsafe { place().write(failure as c_int) };
    -1
}
