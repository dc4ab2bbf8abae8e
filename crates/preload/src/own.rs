//! The library's own functions, declared in its C header.

use core::ffi::{CStr, c_char, c_int};

use os::probes::Sampler;

use crate::errno::{self, Failure};
use crate::out::{Out, To};
use crate::profile;
use crate::report::Report;

/// Starts to sample requests: on average one of every `average` bytes requested; 0 means 512 KiB.
#[unsafe(no_mangle)]
extern "C" fn malloc_ladder_profile_start(average: usize) -> c_int {
    let average = if average == 0 {
        Sampler::INTERVAL
    } else {
        average
    };
    match os::keeping_errno(|| profile::start(average)) {
        true => 0,
        false => errno::refuse(Failure::NoMemory),
    }
}

/// Stops sampling.
#[unsafe(no_mangle)]
extern "C" fn malloc_ladder_profile_stop() {
    profile::stop();
}

/// Writes the heap profile to the file at `path`, or to the file that the option names if `path` is null.
///
/// # Safety
///
/// `path` is null or a C string.
#[unsafe(no_mangle)]
unsafe extern "C" fn malloc_ladder_profile_dump(path: *const c_char) -> c_int {
    // SAFETY: the caller promises that `path` is a C string if it is not null.
    let path = (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) });
    match profile::write(path) {
        true => 0,
        false => errno::refuse(Failure::Invalid),
    }
}

/// Writes the report to a descriptor, as text or as a line of JSON.
#[unsafe(no_mangle)]
extern "C" fn malloc_ladder_stats(file: c_int, json: c_int) {
    os::keeping_errno(|| {
        let report = Report::new();
        let out = &mut Out::new(To::Descriptor(file));
        match json {
            0 => report.text(out),
            _ => report.json(out),
        }
    });
}
