//! Op programs on stage 6; the first byte picks a heap of its own or the threads' heaps. Now and
//! then another heap, or another thread, allocates or frees in the program's place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use thread_cached::{PrivateHeap, ThreadCached};

fuzz_target!(|data: &[u8]| {
    let Some((choice, data)) = data.split_first() else {
        return;
    };
    match choice {
        0..192 => fuzz::play_with_events("thread-cached heap", data, || {
            PrivateHeap::new().expect("address space")
        }),
        _ => {
            // What an input before left is as if it had never been.
            ThreadCached::new().purge();
            fuzz::play_with_events("thread-cached", data, ThreadCached::new);
        }
    }
});
