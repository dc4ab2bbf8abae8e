//! The clock.

/// Milliseconds since some moment, never 0; wraps around after seven weeks. A few milliseconds late, and quick to read.
pub fn now() -> u32 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the struct outlives the call.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_COARSE, &mut time) };
    let millis = (time.tv_sec as u64).wrapping_mul(1000) + time.tv_nsec as u64 / 1_000_000;
    (millis as u32).max(1)
}
