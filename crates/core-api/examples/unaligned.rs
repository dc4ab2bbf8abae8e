//! What a read of eight bytes costs where they do not begin at a multiple of eight.
//!
//! ```text
//! cargo run --release -p malloc-ladder-core-api --example unaligned
//! ```

use std::hint::black_box;
use std::time::Instant;

const PAGE: usize = 4096;
const READS: u32 = 1 << 22;

fn main() {
    let memory = vec![0_u8; 3 * PAGE];
    // A vector of bytes may begin anywhere: from its first page on, places are known.
    let pages = &memory[memory.as_ptr().align_offset(PAGE)..];
    println!("ns a read of 8 bytes, from a place of the page on");
    for (place, what) in [
        (0, "aligned"),
        (3, "within a cache line"),
        (60, "across two lines"),
        (PAGE - 4, "across two pages"),
    ] {
        println!("  {place:5} {:6.2}  {what}", read(black_box(pages), place));
    }
}

/// The time of one read at this place, the fastest of five runs. Each read waits for the one before:
/// its value, a zero, is part of the next place.
fn read(pages: &[u8], place: usize) -> f64 {
    let runs = (0..5).map(|_| {
        let start = Instant::now();
        let mut at = place;
        for _ in 0..READS {
            let bytes = pages[at..].first_chunk().expect("eight bytes");
            at = place + u64::from_ne_bytes(*bytes) as usize;
        }
        black_box(at);
        start.elapsed().as_nanos() as f64
    });
    runs.fold(f64::INFINITY, f64::min) / f64::from(READS)
}
