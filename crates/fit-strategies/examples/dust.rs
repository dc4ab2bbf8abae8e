//! What breaks it: freed neighbours stay apart, so the next size looks at all of them in vain.
//!
//! `cargo run --release -p malloc-ladder-fit-strategies --example dust`

use std::alloc::Layout;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::time::Instant;

use core_api::{Allocator, Borrowed, Inspect};
use fit_strategies::{BestFit, Counting, FitHeap};

const N: usize = 5_000;

type DustyHeap<'a> = FitHeap<Borrowed<'a>, Counting<BestFit>>;

/// Allocates `N` blocks of `size` bytes and frees them all.
fn round(heap: &mut DustyHeap<'_>, size: usize) {
    let layout = Layout::from_size_align(size, 8).expect("a small size");
    let (before, start) = (heap.policy().probes(), Instant::now());
    let blocks: Vec<NonNull<u8>> = (0..N)
        .map(|_| heap.allocate(layout).expect("room").cast())
        .collect();
    let nanoseconds = start.elapsed().as_nanos() / N as u128;
    let probes = (heap.policy().probes() - before) / N as u64;
    for block in blocks {
        // SAFETY: allocated with this layout, freed once.
        unsafe { heap.deallocate(block, layout) };
    }
    let n_free = heap.stats().n_free;
    println!("{size:4} B {probes:9} {nanoseconds:9} ns {n_free:14}");
}

fn main() {
    let mut buffer = vec![MaybeUninit::uninit(); 1 << 20];
    let mut heap = DustyHeap::new(Borrowed::new(&mut buffer));
    println!("{N} blocks are allocated and all freed again, size after size, in 1 MiB.\n");
    println!("  size    probes and time per block    free blocks left");
    for size in [24, 48, 72, 96] {
        round(&mut heap, size);
    }
}
