//! One `malloc(24)` and its `free`, as the bytes of the heap show them.
//!
//! ```text
//! cargo run -p malloc-ladder-freelist --example malloc_and_free
//! ```

use core::alloc::Layout;

use core_api::{AllocError, Allocator, Inspect, SizelessFree, StaticHeap};
use freelist::FreeList;

type Heap = FreeList<&'static StaticHeap<4096>>;
static HEAP: StaticHeap<4096> = StaticHeap::new();

fn main() -> Result<(), AllocError> {
    let mut heap = FreeList::new(&HEAP);

    let block = heap.allocate_zeroed(Layout::new::<[u8; 24]>())?;
    let text = b"twenty-four bytes to use";
    // SAFETY: a live block of 24 bytes.
    unsafe { block.cast::<[u8; 24]>().write(*text) };
    dump("malloc(24), and its caller has written to it:", &heap);

    let other = heap.allocate_zeroed(Layout::new::<u64>())?;
    dump("malloc(8):", &heap);

    // SAFETY: live and not used again.
    unsafe { heap.free(block.cast()) };
    dump("free of the first: a link of 0, the list ends here:", &heap);

    // SAFETY: live and not used again.
    unsafe { heap.free(other.cast()) };
    let to = heap.region().start();
    dump(
        &format!("free of the second: a link to the first, at {to:#x}:"),
        &heap,
    );

    heap.allocate(Layout::new::<[u8; 24]>())?;
    dump(
        "malloc(24) again: the second is too small, the first is used again:",
        &heap,
    );
    Ok(())
}

/// Prints the blocks' bytes, eight to a line: a header, a link, or a caller's.
fn dump(step: &str, heap: &Heap) {
    println!("{step}");
    let stats = heap.stats();
    for offset in (0..stats.heap - heap.untouched()).step_by(8) {
        let granule = heap.region().at_offset(offset).cast::<[u8; 8]>();
        // SAFETY: bytes of the heap's blocks, all of them written.
        let granule = unsafe { granule.read() };
        let hex = granule.map(|byte| format!("{byte:02x}")).join(" ");
        println!("  {offset:4}  {hex}  {}", granule.map(printable).concat());
    }
    println!();
}

fn printable(byte: u8) -> String {
    match byte {
        b' '..=b'~' => char::from(byte).to_string(),
        _ => "·".to_string(),
    }
}
