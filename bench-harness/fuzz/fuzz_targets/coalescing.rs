//! Op programs on stage 4; the first byte picks the granule.

#![no_main]

use coalescing::{Checked, Deferred, Heap, Immediate, Merging};
use core_api::Fixed;
use libfuzzer_sys::fuzz_target;

fn play<const GRANULE: usize, M: Merging>(name: &str, data: &[u8]) {
    fuzz::play(name, data, |region| {
        Heap::<Fixed, GRANULE, M>::new(
            // SAFETY: the region is handed out for this heap alone.
            unsafe { Fixed::new(region) },
        )
    });
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, data)) = data.split_first() else {
        return;
    };
    match choice % 4 {
        0 => play::<16, Deferred>("coalescing, granule 16", data),
        1 => play::<8, Immediate>("coalescing, immediate", data),
        2 => fuzz::play("coalescing, checked", data, |region| {
            // SAFETY: the region is handed out for this heap alone.
            Checked::<Fixed>::new(unsafe { Fixed::new(region) })
        }),
        _ => play::<8, Deferred>("coalescing", data),
    }
});
