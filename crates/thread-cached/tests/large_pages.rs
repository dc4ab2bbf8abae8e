//! The contract on a kernel whose pages have 64 KiB, sixteen times the pages of a heap.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

#[path = "../../mmap-backed/tests/support/kernel.rs"]
mod kernel;
#[path = "../../mmap-backed/tests/support/mod.rs"]
mod support;

use core::alloc::Layout;

use core_api::testing::Contract;
use core_api::{Allocator, Inspect};
use kernel::{PAGE, n_refused};
use support::capped::Capped;
use thread_cached::{PrivateHeap, ThreadCached};

fn assert_understood() {
    assert_eq!(n_refused(), 0, "calls with addresses within a page");
}

#[test]
fn the_contract_holds() {
    Contract::new("thread-cached heap, pages of 64 KiB", |_| {
        Capped::with(PrivateHeap::new().expect("address space"), |heap| {
            heap.purge();
        })
    })
    .own_memory()
    .inspected()
    .sizeless()
    .cases(64)
    .run();
    assert_understood();
}

/// Blocks with a mapping of their own are whole pages, and stay so as they grow and move.
#[test]
fn mappings_are_whole_pages() {
    let mut heaps = ThreadCached::new();
    let [old, new] =
        [40_000_001, 90_000_001].map(|len| Layout::array::<u8>(len).expect("a layout"));
    let block = heaps.allocate(old).expect("room");
    assert_eq!(block.len() % PAGE, 0);
    // SAFETY: the block is live, and freed once.
    unsafe {
        block.cast::<u8>().add(40_000_000).write(7);
        let block = heaps.grow(block.cast(), old, new).expect("room");
        assert_eq!(block.len() % PAGE, 0);
        assert_eq!(block.cast::<u8>().add(40_000_000).read(), 7);
        heaps.deallocate(block.cast(), new);
    }
    heaps.check().expect("sound heaps");
    assert_understood();
}
