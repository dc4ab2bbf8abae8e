//! Op programs on stage 4; the first byte picks the granule.

#![no_main]

use coalescing::Heap;
use core_api::Fixed;
use libfuzzer_sys::fuzz_target;

fn play<const GRANULE: usize>(name: &str, data: &[u8]) {
    fuzz::play(name, data, |region| {
        Heap::<Fixed, GRANULE>::new(
// SAFETY: the region is handed out for this heap alone.
 unsafe { Fixed::new(region) })
    });
}

fuzz_target!(|data: &[u8]| {
    match data.split_first() {
        Some((choice, data)) if choice % 4 == 0 => play::<16>("coalescing, granule 16", data),
        Some((_, data)) => play::<8>("coalescing", data),
        None => {}
    }
});
