//! Blocks that come back: headers, the free list, and what whole blocks cost.
//!
//! ```text
//! cargo run -p malloc-ladder-freelist --example reuse
//! ```

use core::alloc::Layout;
use core::ops::ControlFlow;
use core::ptr::NonNull;

use core_api::{AllocError, Allocator, HeapMap, Inspect, SizelessFree, StaticHeap};
use freelist::FreeList;

type Heap = FreeList<&'static StaticHeap<1024>>;
static HEAP: StaticHeap<1024> = StaticHeap::new();

fn main() -> Result<(), AllocError> {
    let mut heap = FreeList::new(&HEAP);
    println!("A heap of 1,024 bytes. In its maps one character stands for 16 of them,");
    println!("# used, . free, + metadata.\n");

    println!("Each block has a header of 8 bytes before it:");
    let first = allocate(&mut heap, 24)?;
    let second = allocate(&mut heap, 100)?;
    let third = allocate(&mut heap, 40)?;

    println!("\nFreed blocks are put on a list, the last one first:");
    free(&mut heap, second);
    free(&mut heap, first);

    println!("\nThe first block on the list that is large enough is used again:");
    allocate(&mut heap, 90)?;
    allocate(&mut heap, 24)?;

    println!("\nFreeing twice is seen in the header:");
    free(&mut heap, third);
    // SAFETY: a double free, which is a mistake that is seen.
    let misuse = unsafe { heap.try_free(third) };
    println!("  free({}) again: {misuse:?}", offset(&heap, third));

    println!("\nWhat breaks it: one large block, freed, and then a small request.");
    let large = allocate(&mut heap, 600)?;
    free(&mut heap, large);
    allocate(&mut heap, 56)?;
    println!(
        "  600 bytes of {} for a request of 56. The next is refused:",
        1024
    );
    let refused = heap.allocate(layout(600)?);
    println!("  allocate(600): {refused:?}");
    Ok(())
}

fn layout(size: usize) -> Result<Layout, AllocError> {
    Layout::from_size_align(size, 8).map_err(|_| AllocError)
}

fn allocate(heap: &mut Heap, size: usize) -> Result<NonNull<u8>, AllocError> {
    let block = heap.allocate(layout(size)?)?;
    let at = offset(heap, block.cast());
    show(
        &format!("allocate({size}): {} bytes at {at}", block.len()),
        heap,
    );
    Ok(block.cast())
}

fn free(heap: &mut Heap, block: NonNull<u8>) {
    // SAFETY: every block is freed once here and not used again.
    unsafe { heap.free(block) };
    show(&format!("free({})", offset(heap, block)), heap);
}

fn offset(heap: &Heap, block: NonNull<u8>) -> usize {
    block.addr().get() - heap.region().start()
}

/// Prints the heap in address order and its free list in list order.
fn show(step: &str, heap: &Heap) {
    let mut list = String::new();
    let _ = heap.walk_free(&mut |block| {
        let payload = block.address + block.overhead - heap.region().start();
        list += &format!(" → {} bytes at {payload}", block.payload());
        ControlFlow::Continue(())
    });
    let list = if list.is_empty() { " → empty" } else { &list };
    println!("  {step}\n    {}\n    list{list}", HeapMap::new(heap, 64));
    debug_assert_eq!(heap.check(), Ok(()));
}
