//! One allocation and its deallocation, of every stage and of libc malloc.
//!
//! The block is the last one allocated, which is the best case of most: bump takes it back, a free
//! list hands it out again, and coalescing merges it with the rest of the heap each time. It is the
//! worst case of worst fit, which cuts a new block from the largest hole each time, so that its
//! list grows until a request fails.

use std::alloc::Layout;
use std::hint::black_box;
use std::mem::MaybeUninit;

use bench_harness::peers::libc;
use core_api::{Allocator, Borrowed};
use criterion::{Criterion, criterion_group, criterion_main};
use fit_strategies::{BestFit, FirstFit, NextFit, WorstFit};
use mmap_backed::MmapHeap;

const SIZES: [usize; 2] = [64, 1024];
const HEAP_LEN: usize = 1 << 20;

type Heap = Vec<MaybeUninit<u8>>;

fn heap() -> Heap {
    vec![MaybeUninit::uninit(); HEAP_LEN]
}

/// One pair on a heap that holds another block already, so that lists and regions exist.
fn pair<A: Allocator>(criterion: &mut Criterion, name: &str, mut allocator: A) {
    let mut group = criterion.benchmark_group("pair");
    for size in SIZES {
        let layout = Layout::from_size_align(size, 8).expect("a small size");
        allocator.allocate(layout).expect("the heap is empty");
        group.bench_function(format!("{name}/{size}"), |bencher| {
            bencher.iter(|| {
                let block = allocator
                    .allocate(black_box(layout))
                    .expect("the heap is nearly empty");
                // SAFETY: allocated just now with this layout.
                unsafe { allocator.deallocate(black_box(block.cast()), layout) };
            });
        });
    }
}

/// Allocations of an arena that are all given back at once: a fresh arena on the same memory.
fn bump_only(criterion: &mut Criterion) {
    const N_BLOCKS: usize = 1000;
    let layout = Layout::new::<[u64; 8]>();
    let mut memory = heap();
    criterion.bench_function("bump/1000 blocks of 64 and a reset", |bencher| {
        bencher.iter(|| {
            let mut bump = bump::Bump::new(Borrowed::new(&mut memory));
            for _ in 0..N_BLOCKS {
                black_box(bump.allocate(black_box(layout)).expect("1,000 blocks fit"));
            }
        });
    });
}

fn stages(criterion: &mut Criterion) {
    let mut memory = heap();
    pair(
        criterion,
        "bump",
        bump::Bump::new(Borrowed::new(&mut memory)),
    );
    pair(
        criterion,
        "freelist",
        freelist::FreeList::new(Borrowed::new(&mut memory)),
    );
    pair(
        criterion,
        "first-fit",
        fit_strategies::FitHeap::<_, FirstFit>::new(Borrowed::new(&mut memory)),
    );
    pair(
        criterion,
        "next-fit",
        fit_strategies::FitHeap::<_, NextFit>::new(Borrowed::new(&mut memory)),
    );
    pair(
        criterion,
        "best-fit",
        fit_strategies::FitHeap::<_, BestFit>::new(Borrowed::new(&mut memory)),
    );
    pair(
        criterion,
        "worst-fit",
        fit_strategies::FitHeap::<_, WorstFit>::new(Borrowed::new(&mut memory)),
    );
    pair(
        criterion,
        "coalescing",
        coalescing::CoalescingHeap::<_, 8>::new(Borrowed::new(&mut memory)),
    );
    pair(
        criterion,
        "coalescing-16",
        coalescing::CoalescingHeap::<_, 16>::new(Borrowed::new(&mut memory)),
    );
    pair(criterion, "mmap-backed", <MmapHeap>::new());
    pair(criterion, "libc", libc());
    bump_only(criterion);
}

criterion_group!(benches, stages);
criterion_main!(benches);
