//! A heap changing, drawn after every step: `cargo run --release -p malloc-ladder-thread-cached --example
//! step_by_step`.
//!
//! `#` used, `.` free, `+` left over at the end of a slab; each character is 512 bytes.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{AllocError, Allocator, HeapMap, Inspect};
use thread_cached::PrivateHeap;

const COLUMNS_OF_PAGE: usize = 8;

fn main() -> Result<(), AllocError> {
    let mut heap = PrivateHeap::new()?;
    let small = Layout::new::<[u8; 100]>();
    let medium = Layout::new::<[u8; 600]>();
    let large = Layout::new::<[u8; 40_000]>();

    let first = take(&mut heap, small, 1)?;
    show(
        "malloc(100): a KiB of the sub-page area becomes a slab of 9 blocks of 104 bytes",
        &heap,
    );
    let more = take(&mut heap, small, 38)?;
    show(
        "38 more: two KiB more are full, and a page is a slab",
        &heap,
    );
    let others = take(&mut heap, medium, 3)?;
    show("3 of 600 bytes: a slab of two KiB", &heap);
    let span = take(&mut heap, large, 1)?;
    show("malloc(40000): a span of 10 pages", &heap);
    give(&mut heap, small, first.into_iter().chain(more));
    show(
        "the small ones freed: they are on the list, the slabs stay",
        &heap,
    );
    give(&mut heap, large, span);
    show("the large one freed: its span is free at once", &heap);
    heap.purge();
    show(
        "collected and purged: the small slabs are gone, the page and the span are one",
        &heap,
    );
    take(&mut heap, medium, 10)?;
    show(
        "10 more of 600 bytes: the class has outgrown the sub-page area and takes pages",
        &heap,
    );
    give(&mut heap, medium, others);
    heap.check().map_err(|_| AllocError)
}

fn take(heap: &mut PrivateHeap, layout: Layout, n: usize) -> Result<Vec<NonNull<u8>>, AllocError> {
    (0..n).map(|_| Ok(heap.allocate(layout)?.cast())).collect()
}

fn give(heap: &mut PrivateHeap, layout: Layout, blocks: impl IntoIterator<Item = NonNull<u8>>) {
    for block in blocks {
        // SAFETY: live, and goes back once.
        unsafe { heap.deallocate(block, layout) };
    }
}

fn show(step: &str, heap: &PrivateHeap) {
    let pages = heap.stats().heap.div_ceil(4096).min(16);
    println!(
        "{step}\n  {}\n",
        HeapMap::new(heap, pages * COLUMNS_OF_PAGE)
    );
}
