//! Op programs on stage 4 without headers.

#![no_main]

use core_api::Fixed;
use headerless::HeaderlessHeap;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    fuzz::play("headerless", data, |region| {
        HeaderlessHeap::new(
            // SAFETY: the region is handed out for this heap alone.
            unsafe { Fixed::new(region) },
        )
    });
});
