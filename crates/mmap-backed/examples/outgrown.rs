//! What the stage before cannot do: `cargo run --release -p malloc-ladder-mmap-backed --example outgrown`.
//!
//! Stage 4 lives in the memory it was given, here 64 MiB: no more when the program needs more, and
//! no less when it needs less. The same demands are then put to this stage.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{Allocator, StaticHeap};
use mmap_backed::MmapHeap;

static GIVEN: StaticHeap<{ 64 << 20 }> = StaticHeap::new();

fn main() {
    println!("stage 4, in 64 MiB");
    demands(&mut coalescing::CoalescingHeap::<_, 8>::new(&GIVEN));
    println!("stage 5");
    demands(&mut MmapHeap::<8>::new());
}

fn demands(heap: &mut impl Allocator) {
    let start = resident();
    for mib in [1, 60, 100] {
        let layout = Layout::new::<[u8; 1000]>();
        let mut blocks: Vec<NonNull<u8>> = Vec::new();
        while blocks.len() * layout.size() < mib << 20 {
            let Ok(block) = heap.allocate(layout) else {
                println!("  out of memory after {} blocks", blocks.len());
                break;
            };
            // SAFETY: the block has that many bytes.
            unsafe { NonNull::write_bytes(block.cast::<u8>(), 1, layout.size()) };
            blocks.push(block.cast());
        }
        for block in blocks {
            // SAFETY: live, and goes back once.
            unsafe { heap.deallocate(block, layout) };
        }
        let grown = resident().saturating_sub(start);
        println!(
            "  used and freed {mib:>3} MiB: {:>5} KiB more resident",
            grown >> 10
        );
    }
}

/// Resident bytes of this process.
fn resident() -> usize {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = rollup.lines().find(|line| line.starts_with("Rss:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kib.unwrap_or(0) << 10
}
