//! A whole program on 64 KiB of static memory, as on a small device: nothing asks an OS.

use coalescing::CoalescingHeap;
use core_api::{Inspect, Locked, StaticHeap};

static MEMORY: StaticHeap<{ 64 << 10 }> = StaticHeap::new();

#[global_allocator]
static HEAP: Locked<CoalescingHeap<&StaticHeap<{ 64 << 10 }>>> =
    Locked::new(CoalescingHeap::new(&MEMORY));

fn main() {
    let mut readings: Vec<u16> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for step in 0..400_u16 {
        readings.push(step.wrapping_mul(7919));
        if step % 10 == 0 {
            names.push(format!("sensor {step}"));
        }
    }
    names.retain(|name| name.len() > 9);

    // The figures are copied out first: printing allocates, which takes the same lock.
    let stats = HEAP.inspect(|heap| heap.stats());
    println!(
        "{} readings and {} names in {} blocks, {} bytes free, {} of them in one piece",
        readings.len(),
        names.len(),
        stats.n_used,
        stats.free,
        stats.largest_free,
    );
    let too_much = readings.try_reserve(1 << 20);
    println!("a megabyte more: {}", too_much.is_ok());
}
