//! What the split threshold and the list's order trade, on a program that lives for a while: slack
//! inside blocks, free blocks between them, probes, and the smallest heap in which it completes.
//!
//! `cargo run --release -p malloc-ladder-fit-strategies --example split_threshold`

use std::alloc::Layout;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use core_api::{Allocator, Borrowed, HeapStats, Inspect};
use fit_strategies::{
    AddressOrder, BestFit, Counting, FirstFit, Fit, FitHeap, Lifo, NextFit, Order, WorstFit,
};

const N_LIVE: usize = 1_000;
const N_OPS: usize = 20_000;

/// xorshift64*: the same requests in every run (Vigna, 2016).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    /// Mostly small sizes that recur, sometimes any size, rarely a large one.
    fn size(&mut self) -> usize {
        match self.below(100) {
            0..60 => [16, 24, 32, 40, 48, 64, 96, 128][self.below(8)],
            60..90 => 8 + self.below(250),
            90..99 => 256 + self.below(2_000),
            _ => 4_096 + self.below(16_000),
        }
    }
}

/// What one run showed.
struct Outcome {
    stats: HeapStats,
    requested: usize,
    peak: usize,
    probes_per_search: f64,
}

/// Allocates and frees at random around `N_LIVE` live blocks; `None` if memory runs out.
fn run<P: Fit, O: Order>(len: usize, threshold: usize) -> Option<Outcome> {
    let mut buffer = vec![MaybeUninit::uninit(); len];
    let source = Borrowed::new(&mut buffer);
    let mut heap = FitHeap::<_, Counting<P>, O>::with_split_threshold(source, threshold);
    let mut random = Random(42);
    let mut live: Vec<(NonNull<u8>, Layout)> = Vec::new();
    let (mut requested, mut peak) = (0, 0);
    for _ in 0..N_OPS {
        if live.len() < N_LIVE / 2 + random.below(N_LIVE) {
            let layout = Layout::from_size_align(random.size(), 8).ok()?;
            live.push((heap.allocate(layout).ok()?.cast(), layout));
            requested += layout.size();
            peak = peak.max(requested);
        } else {
            let (block, layout) = live.swap_remove(random.below(live.len()));
            // SAFETY: the block is live and was allocated with this layout.
            unsafe { heap.deallocate(block, layout) };
            requested -= layout.size();
        }
    }
    Some(Outcome {
        stats: heap.stats(),
        requested,
        peak,
        probes_per_search: heap.policy().probes() as f64 / heap.policy().searches() as f64,
    })
}

/// The smallest heap in which the run completes, to 1 %, by bisection.
fn smallest<P: Fit, O: Order>(peak: usize, threshold: usize) -> usize {
    let (mut too_small, mut enough) = (peak, peak * 8);
    while enough - too_small > peak / 100 {
        let middle = (too_small + enough) / 2;
        match run::<P, O>(middle, threshold) {
            Some(_) => enough = middle,
            None => too_small = middle,
        }
    }
    enough
}

fn print<P: Fit, O: Order>(name: &str, threshold: usize) {
    let Some(roomy) = run::<P, O>(8 << 20, threshold) else {
        println!("{name:24} {threshold:4}   out of memory");
        return;
    };
    let slack = roomy.stats.used - roomy.requested;
    println!(
        "{name:24} {threshold:4} {:9.1} % {:9} {:11.1} {:12.2}",
        100.0 * slack as f64 / roomy.requested as f64,
        roomy.stats.n_free,
        roomy.probes_per_search,
        smallest::<P, O>(roomy.peak, threshold) as f64 / roomy.peak as f64,
    );
}

fn main() {
    println!("{N_OPS} operations around {N_LIVE} live blocks. Slack, free blocks and probes: in a");
    println!("heap of 8 MiB. Smallest: the smallest heap that is enough, over peak requested.\n");
    println!("policy, list order     split at    slack  free blocks  probes  smallest/peak");
    for threshold in [16, 24, 32, 48, 64, 128, 256] {
        print::<BestFit, Lifo>("best fit, lifo", threshold);
    }
    println!();
    print::<FirstFit, Lifo>("first fit, lifo", 32);
    print::<FirstFit, AddressOrder>("first fit, by address", 32);
    print::<NextFit, Lifo>("next fit, lifo", 32);
    print::<NextFit, AddressOrder>("next fit, by address", 32);
    print::<BestFit, Lifo>("best fit, lifo", 32);
    print::<BestFit, AddressOrder>("best fit, by address", 32);
    print::<WorstFit, Lifo>("worst fit, lifo", 32);
    print::<WorstFit, AddressOrder>("worst fit, by address", 32);
}
