//! `errno`: how C callers learn why a call returned null.

use core::ffi::{c_int, c_void};
use core::ptr::{NonNull, null_mut};

use core_api::AllocError;

use crate::served::Served;
use crate::stage;

/// The reason why a call failed, as an `errno` value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub(crate) enum Failure {
    /// There is no memory, or the request is larger than any object can be.
    NoMemory = libc::ENOMEM,
    /// The alignment is not valid.
    Invalid = libc::EINVAL,
}

impl From<AllocError> for Failure {
    fn from(_: AllocError) -> Self {
        Self::NoMemory
    }
}

/// A pointer to a block's first byte, or the reason why there is no block.
pub(crate) type Outcome = Result<NonNull<u8>, Failure>;

/// Calls `run` and restores `errno` (P5), for a call that only the stage serves: some stages keep `errno` themselves.
#[inline]
pub(crate) fn kept_by_stage<T>(run: impl FnOnce() -> T) -> T {
    fn keeps<S: Served>(_: &S) -> bool {
        S::KEEPS_ERRNO
    }
    match keeps(&stage::HEAP) {
        true => run(),
        false => os::keeping_errno(run),
    }
}

/// Returns the outcome of `run` as C does: a pointer and the old `errno`, or null and a new one.
#[inline]
pub(crate) fn pointer(run: impl FnOnce() -> Outcome) -> *mut c_void {
    match kept_by_stage(run) {
        Ok(block) => block.as_ptr().cast(),
        Err(failure) => {
            // SAFETY: `errno` belongs to this thread.
            unsafe { os::errno().write(failure as c_int) };
            null_mut()
        }
    }
}

/// Sets `errno` and returns -1, for functions that do not return a pointer.
pub(crate) fn refuse(failure: Failure) -> c_int {
    // SAFETY: as above.
    unsafe { os::errno().write(failure as c_int) };
    -1
}
