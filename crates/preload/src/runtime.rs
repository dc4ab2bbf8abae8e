//! The C++ runtime's own operators, which know the new-handler and how to throw.

use core::ffi::{CStr, c_void};
use core::ptr::null_mut;

/// Where the runtime's symbols are when it came with a library that was loaded by `dlopen`.
const RUNTIMES: &[&CStr] = &[c"libstdc++.so.6", c"libc++.so.1", c"libc++abi.so.1"];

/// Where the runtime's own `symbol` is, or null, of which ours stands in front. It is looked up when memory has run
/// out, never before (P1).
#[cold]
pub(crate) fn find(symbol: &CStr) -> *mut c_void {
    // SAFETY: the name ends in a zero.
    let next = unsafe { libc::dlsym(libc::RTLD_NEXT, symbol.as_ptr()) };
    if !next.is_null() {
        return next;
    }
    let mut elsewhere = RUNTIMES.iter().map(|library| find_in(library, symbol));
    elsewhere
        .find(|place| !place.is_null())
        .unwrap_or(null_mut())
}

/// As [`find`], in a library that is loaded already.
fn find_in(library: &CStr, symbol: &CStr) -> *mut c_void {
    // SAFETY: both names end in a zero; `RTLD_NOLOAD` runs no code of the library.
    unsafe {
        let handle = libc::dlopen(library.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD);
        match handle.is_null() {
            true => handle,
            false => libc::dlsym(handle, symbol.as_ptr()),
        }
    }
}
