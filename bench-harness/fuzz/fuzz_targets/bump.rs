//! Op programs on stage 1.

#![no_main]

use bump::Bump;
use core_api::Fixed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    fuzz::play("bump", data, |region| {
        Bump::new(
            // SAFETY: the region is handed out for this heap alone.
            unsafe { Fixed::new(region) },
        )
    });
});
