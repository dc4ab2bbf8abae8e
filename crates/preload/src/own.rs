//! The library's own functions, which its C header declares.

use core::ffi::{CStr, c_char, c_int};

use crate::errno::{self, Failure};
use crate::out::{Out, To};
use crate::profile;
use crate::report::Report;

/// Samples requests from now on, one for each `average` bytes; 0 means 512 KiB.
#[unsafe(no_mangle)]
extern "C" fn malloc_ladder_profile_start(average: usize) -> c_int {
    let average = if average == 0 {
        profile::EVERY
    } else {
        average
    };
    match errno::kept(|| profile::start(average)) {
        true => 0,
        false => errno::refuse(Failure::NoMemory),
    }
}

/// Samples no more requests.
#[unsafe(no_mangle)]
extern "C" fn malloc_ladder_profile_stop() {
    profile::stop();
}

/// Writes the heap profile to a file, or where the option says if `path` is null.
///
/// # Safety
///
/// `path` is null or a string.
#[unsafe(no_mangle)]
unsafe extern "C" fn malloc_ladder_profile_dump(path: *const c_char) -> c_int {
    // SAFETY: the caller's promise.
    let path = (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) });
    match profile::write(path) {
        true => 0,
        false => errno::refuse(Failure::Invalid),
    }
}

/// Writes the report to a descriptor, as text or as a line of JSON.
#[unsafe(no_mangle)]
extern "C" fn malloc_ladder_stats(file: c_int, json: c_int) {
    errno::kept(|| {
        let report = Report::new();
        let out = &mut Out::new(To::Descriptor(file));
        match json {
            0 => report.text(out),
            _ => report.json(out),
        }
    });
}
