//! Op programs on stage 5.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mmap_backed::MmapHeap;

fuzz_target!(|data: &[u8]| {
    fuzz::play_unbounded("mmap-backed", data, MmapHeap::<8>::new);
});
