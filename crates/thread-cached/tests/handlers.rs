//! A program that says itself what misuse ends in, before it asks for its first block.

#[path = "../../mmap-backed/tests/support/mod.rs"]
mod support;

use std::alloc::{Layout, alloc, dealloc, realloc};
use std::hint::black_box;

use core_api::{Misuse, fatal};
use support::in_child;
use thread_cached::ThreadCached;

#[global_allocator]
static GLOBAL: ThreadCached = ThreadCached::new();

/// What the handler ends the process with.
const SEEN: i32 = 42;

extern "C" fn set_handler() {
    fatal::set_handler(|misuse| {
        let is_expected = misuse == Misuse::DoubleFree;
        // SAFETY: always allowed.
        unsafe { libc::_exit(if is_expected { SEEN } else { 1 }) }
    });
}

#[used]
#[unsafe(link_section = ".init_array")]
static SET_HANDLER: extern "C" fn() = set_handler;

#[test]
fn a_programs_own_handler_stays() {
    let output = in_child("a_programs_own_handler_stays", || {
        let block = Box::into_raw(black_box(Box::new(1_u64)));
        // SAFETY: the second is the mistake that is found.
        drop(unsafe { (Box::from_raw(block), Box::from_raw(block)) });
    });
    if let Some(output) = output {
        assert_eq!(output.status.code(), Some(SEEN), "{output:?}");
    }
}

/// Growing it within the pages that it had looks nothing else up.
#[test]
fn growing_a_large_block_that_was_freed_is_seen() {
    let output = in_child("growing_a_large_block_that_was_freed_is_seen", || {
        let layout = Layout::array::<u8>(100_000).expect("a layout");
        // SAFETY: the last call is the mistake that is found.
        unsafe {
            let block = alloc(layout);
            dealloc(block, layout);
            black_box(realloc(block, layout, layout.size() + 1));
        }
    });
    if let Some(output) = output {
        assert_eq!(output.status.code(), Some(SEEN), "{output:?}");
    }
}
