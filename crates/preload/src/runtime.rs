//! Finds the C++ runtime's own operators, which call the new-handler and throw.

use core::ffi::{CStr, c_void};
use core::ptr::null_mut;

/// The libraries to search when `dlopen` loaded the runtime together with another library.
const RUNTIMES: &[&CStr] = &[c"libstdc++.so.6", c"libc++.so.1", c"libc++abi.so.1"];

/// Returns the address of the runtime's own `symbol`, which ours shadows, or null if there is none.
/// Called only after memory has run out (P1).
#[cold]
pub(crate) fn find(symbol: &CStr) -> *mut c_void {
    // SAFETY: a `CStr` ends in a zero byte, as `dlsym` requires.
    let next = unsafe { libc::dlsym(libc::RTLD_NEXT, symbol.as_ptr()) };
    if !next.is_null() {
        return next;
    }
    let mut elsewhere = RUNTIMES.iter().map(|library| find_in(library, symbol));
    elsewhere
        .find(|place| !place.is_null())
        .unwrap_or(null_mut())
}

/// As [`find`], in a library that the process has already loaded.
fn find_in(library: &CStr, symbol: &CStr) -> *mut c_void {
    // SAFETY: both names end in a zero byte; `RTLD_NOLOAD` runs no code of the library.
    unsafe {
        let handle = libc::dlopen(library.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD);
        match handle.is_null() {
            true => handle,
            false => libc::dlsym(handle, symbol.as_ptr()),
        }
    }
}
