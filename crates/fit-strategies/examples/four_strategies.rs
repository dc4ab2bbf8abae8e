//! The same requests on four heaps: where each policy puts them, and what it looks at.
//!
//! `cargo run -p malloc-ladder-fit-strategies --example four_strategies`

use std::alloc::Layout;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use core_api::{Allocator, Borrowed, HeapMap, Inspect};
use fit_strategies::{AddressOrder, BestFit, Counting, FirstFit, Fit, FitHeap, NextFit, WorstFit};

/// What every heap is asked to do, in bytes.
const SETUP: [usize; 10] = [200, 40, 600, 40, 120, 40, 400, 40, 304, 40];
const FREED: [usize; 5] = [0, 2, 4, 6, 8];
const REQUESTS: [usize; 7] = [296, 104, 64, 184, 296, 104, 272];

type CountedHeap<'a, P> = FitHeap<Borrowed<'a>, Counting<P>, AddressOrder>;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).expect("a small size")
}

/// Fills the heap and frees every second block: holes of 200, 600, 120, 400 and 304 bytes.
fn set_up<P: Fit>(heap: &mut CountedHeap<'_, P>) {
    let blocks = SETUP.map(|size| heap.allocate(layout(size)).expect("room").cast::<u8>());
    for index in FREED {
        // SAFETY: allocated with this layout just now; each is freed once.
        unsafe { heap.deallocate(blocks[index], layout(SETUP[index])) };
    }
}

fn show<P: Fit>(name: &str) {
    let len = 8 + SETUP.iter().map(|size| size + 8).sum::<usize>();
    let mut buffer = vec![MaybeUninit::uninit(); len];
    let mut heap = CountedHeap::<P>::new(Borrowed::new(&mut buffer));
    set_up(&mut heap);
    println!("{name}\n         {}", HeapMap::new(&heap, 64));
    for size in REQUESTS {
        let before = heap.policy().probes();
        let block: Option<NonNull<u8>> = heap.allocate(layout(size)).ok().map(NonNull::cast);
        let probes = heap.policy().probes() - before;
        let verdict = if block.is_some() { ' ' } else { '!' };
        println!("{size:5} {verdict}  {}  {probes} probes", map_only(&heap));
    }
    let stats = heap.stats();
    println!(
        "         {} probes; {} B free in {}, the largest {} B\n",
        heap.policy().probes(),
        stats.free,
        stats.n_free,
        stats.largest_free
    );
}

/// The map without its line of sums.
fn map_only(heap: &dyn Inspect) -> String {
    let map = HeapMap::new(heap, 64).to_string();
    map.split_whitespace()
        .next()
        .unwrap_or_default()
        .to_string()
}

fn main() {
    println!("Holes of 200, 600, 120, 400 and 304 bytes; requests of {REQUESTS:?} bytes.");
    println!("# used  . free  + headers  ! no hole is large enough\n");
    show::<FirstFit>("first fit");
    show::<NextFit>("next fit");
    show::<BestFit>("best fit");
    show::<WorstFit>("worst fit");
}
