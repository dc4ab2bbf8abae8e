//! The contract on a kernel whose pages have 64 KiB.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

#[path = "support/kernel.rs"]
mod kernel;
mod support;

use core::alloc::Layout;

use core_api::testing::Contract;
use core_api::{Allocator, Inspect};
use kernel::{PAGE, n_refused};
use mmap_backed::MmapHeap;
use support::capped::Capped;

#[test]
fn the_contract_holds() {
    Contract::new("mmap-backed, pages of 64 KiB", |_| {
        Capped::new(MmapHeap::<8>::new())
    })
    .own_memory()
    .inspected()
    .sizeless()
    .cases(64)
    .run();
    assert_eq!(n_refused(), 0, "calls with addresses within a page");
}

#[test]
fn what_the_heap_has_is_whole_pages() {
    let mut heap = MmapHeap::<8>::new();
    let layout = Layout::array::<u8>(1000).expect("a layout");
    let blocks: Vec<_> = (0..1000)
        .map(|_| heap.allocate(layout).expect("room").cast())
        .collect();
    for block in blocks.into_iter().step_by(2) {
        // SAFETY: the block is live, and freed once.
        unsafe { heap.deallocate(block, layout) };
    }
    heap.purge();
    assert!(heap.stats().used >= 500 * 1000);
    let large = heap.allocate(Layout::array::<u8>(8 << 20).expect("a layout"));
    let large = large.expect("room");
    assert_eq!(large.len() % PAGE, 0);
    assert_eq!(large.cast::<u8>().addr().get() % PAGE, 0);
    assert_eq!(n_refused(), 0, "calls with addresses within a page");
}
