//! Op programs on stage 4; the first byte picks the granule, when blocks are merged, whether the
//! heap checks what it is given, and whether it has one region or several.

#![no_main]

use coalescing::{CoalescingHeap, Deferred, Immediate, Merging};
use core_api::{Checked, Fixed, Region};
use fuzz::Scattered;
use libfuzzer_sys::fuzz_target;

fn fixed(region: Region) -> Fixed {
    // SAFETY: the region is handed out for one heap alone.
    unsafe { Fixed::new(region) }
}

fn play<const GRANULE: usize, M: Merging>(name: &str, data: &[u8]) {
    fuzz::play(name, data, |region| {
        CoalescingHeap::<Fixed, GRANULE, M>::new(fixed(region))
    });
}

fn play_checked<const GRANULE: usize, M: Merging>(name: &str, data: &[u8]) {
    fuzz::play(name, data, |region| {
        Checked::<_>::new(CoalescingHeap::<Fixed, GRANULE, M>::new(fixed(region)))
    });
}

fn play_scattered<const GRANULE: usize, M: Merging>(name: &str, data: &[u8]) {
    fuzz::play_with_events(name, data, || {
        CoalescingHeap::<_, GRANULE, M>::new(Scattered::new())
    });
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, data)) = data.split_first() else {
        return;
    };
    match choice % 8 {
        0 => play::<8, Deferred>("coalescing", data),
        1 => play::<16, Deferred>("coalescing, granule 16", data),
        2 => play::<8, Immediate>("coalescing, immediate", data),
        3 => play_checked::<8, Deferred>("coalescing, checked", data),
        4 => play_checked::<16, Immediate>("coalescing, checked, immediate, granule 16", data),
        5 => play_scattered::<8, Deferred>("coalescing, regions", data),
        6 => play_scattered::<8, Immediate>("coalescing, immediate, regions", data),
        _ => play_scattered::<16, Deferred>("coalescing, granule 16, regions", data),
    }
});
