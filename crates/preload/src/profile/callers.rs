//! Who asked: the return addresses on the stack.

use core::ffi::{c_int, c_void};
use core::ptr::null_mut;

/// As many callers are remembered.
pub(super) const DEPTH: usize = 32;

/// Frames of this library that may lie on top.
const OWN: usize = 12;

/// Return addresses, the innermost first; 0 behind the last.
pub(super) type Callers = [usize; DEPTH];

unsafe extern "C" {
    // The C library's: it unwinds by the tables that compilers write.
    fn backtrace(buffer: *mut *mut c_void, size: c_int) -> c_int;
}

/// The callers of this library.
pub(super) fn find() -> Callers {
    let mut frames = [null_mut(); DEPTH + OWN];
    // SAFETY: the buffer has that many places.
    let n = unsafe { backtrace(frames.as_mut_ptr(), frames.len() as c_int) };
    let frames = &frames[..usize::try_from(n).unwrap_or(0)];
    static HERE: u8 = 0;
    let own = image_of((&raw const HERE).cast_mut().cast());
    let n_own = frames.iter().take_while(|&&frame| image_of(frame) == own);
    let mut callers = [0; DEPTH];
    let theirs = &frames[n_own.count()..];
    for (caller, frame) in callers.iter_mut().zip(theirs) {
        *caller = frame.addr();
    }
    callers
}

/// Where the library or program begins that has this address.
fn image_of(address: *mut c_void) -> *mut c_void {
    // SAFETY: a structure of pointers and numbers.
    let mut info: libc::Dl_info = unsafe { core::mem::zeroed() };
    // SAFETY: any address can be asked for.
    match unsafe { libc::dladdr(address, &mut info) } {
        0 => null_mut(),
        _ => info.dli_fbase,
    }
}
