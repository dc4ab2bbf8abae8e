//! Op programs on stage 2.

#![no_main]

use core_api::Fixed;
use freelist::FreeList;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    fuzz::play("freelist", data, |region| {
        FreeList::new(
            // SAFETY: the region is handed out for this heap alone.
            unsafe { Fixed::new(region) },
        )
    });
});
