//! What many small free blocks cost a request that none of them can serve.
//!
//! ```text
//! cargo run --release -p malloc-ladder-freelist --example search
//! ```

use core::alloc::Layout;
use std::time::Instant;

use core_api::{AllocError, Allocator, SizelessFree, StaticHeap};
use freelist::FreeList;

static HEAP: StaticHeap = StaticHeap::new();

fn main() -> Result<(), AllocError> {
    let mut heap = FreeList::new(&HEAP);
    let small = Layout::new::<[u8; 24]>();
    println!("free blocks of 24 bytes    one allocate(100)");
    for n_free in [0, 10, 100, 1_000, 10_000, 100_000] {
        let blocks: Result<Vec<_>, _> = (0..n_free).map(|_| heap.allocate(small)).collect();
        for block in blocks? {
            // SAFETY: live and not used again.
            unsafe { heap.free(block.cast()) };
        }
        let mut nanoseconds: Vec<u128> = (0..20)
            .map(|_| one_allocation(&mut heap))
            .collect::<Result<_, _>>()?;
        nanoseconds.sort_unstable();
        println!("{n_free:>23} {:>17} ns", nanoseconds[nanoseconds.len() / 2]);
    }
    Ok(())
}

/// Nanoseconds for a block of 100 bytes from the untouched end, after the search.
fn one_allocation(heap: &mut FreeList) -> Result<u128, AllocError> {
    let start = Instant::now();
    let block = heap.allocate(Layout::new::<[u8; 100]>())?;
    let nanoseconds = start.elapsed().as_nanos();
    core::hint::black_box(block);
    Ok(nanoseconds)
}
