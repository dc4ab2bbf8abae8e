//! A heap grows and shrinks, and with it the process: `cargo run --release -p malloc-ladder-mmap-backed
//! --example ramp`.
//!
//! Each line: what happened, live bytes, committed bytes, direct mappings, resident bytes of the
//! whole process as the kernel counts them, and the heap as text.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{AllocError, Allocator, HeapMap};
use mmap_backed::MmapHeap;

type Blocks = Vec<(NonNull<u8>, Layout)>;

fn main() -> Result<(), AllocError> {
    let mut heap = MmapHeap::<8>::new();
    // Filled once, so that the list's own pages are resident from the start.
    let mut live: Blocks = vec![(NonNull::dangling(), Layout::new::<u8>()); 200_000];
    live.clear();
    show("start", &heap, &live);

    for mib in [8, 32, 64] {
        allocate(&mut heap, &mut live, mib << 20, |n| 16 << (n % 8))?;
        show("small blocks", &heap, &live);
    }
    allocate(&mut heap, &mut live, 128 << 20, |_| 8 << 20)?;
    show("blocks of 8 MiB", &heap, &live);

    free(&mut heap, &mut live, |n| n % 64 != 0);
    show("63 of 64 freed", &heap, &live);
    heap.purge();
    show("purged", &heap, &live);
    free(&mut heap, &mut live, |_| true);
    show("all freed", &heap, &live);
    Ok(())
}

/// Allocates and fills blocks until `total` bytes are live.
fn allocate(
    heap: &mut MmapHeap,
    live: &mut Blocks,
    total: usize,
    size: impl Fn(usize) -> usize,
) -> Result<(), AllocError> {
    let mut bytes = sum(live);
    while bytes < total {
        let layout = Layout::from_size_align(size(live.len()), 8).map_err(|_| AllocError)?;
        let block = heap.allocate(layout)?.cast();
        // SAFETY: the block has that many bytes.
        unsafe { NonNull::write_bytes(block, 1, layout.size()) };
        live.push((block, layout));
        bytes += layout.size();
    }
    Ok(())
}

fn free(heap: &mut MmapHeap, live: &mut Blocks, goes: impl Fn(usize) -> bool) {
    let mut n = 0;
    live.retain(|&(block, layout)| {
        n += 1;
        if goes(n) {
            // SAFETY: live, and forgotten here.
            unsafe { heap.deallocate(block, layout) };
        }
        !goes(n)
    });
}

fn sum(live: &Blocks) -> usize {
    live.iter().map(|(_, layout)| layout.size()).sum()
}

fn show(what: &str, heap: &MmapHeap, live: &Blocks) {
    let mapped = heap.mapped();
    println!(
        "{what:16} live {:>7} KiB, committed {:>6} KiB, direct {:>2} of {:>6} KiB, resident {:>6} KiB",
        sum(live) >> 10,
        mapped.committed >> 10,
        mapped.n_direct,
        mapped.direct >> 10,
        resident() >> 10,
    );
    println!("  {}\n", HeapMap::new(heap, 64));
}

/// Resident bytes of this process.
fn resident() -> usize {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = rollup.lines().find(|line| line.starts_with("Rss:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kib.unwrap_or(0) << 10
}
