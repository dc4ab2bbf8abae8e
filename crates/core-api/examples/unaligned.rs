//! What a read of eight bytes costs where they do not begin at a multiple of eight.
//!
//! ```text
//! cargo run --release -p core-api --example unaligned
//! ```

use std::hint::black_box;
use std::time::Instant;

const PAGE: usize = 4096;

fn main() {
    let memory = vec![1_u8; 6 * PAGE];
    // A vector of bytes may begin anywhere: from its first page on, places are known.
    let pages = &memory[memory.as_ptr().align_offset(PAGE)..];
    println!("ns a read of 8 bytes, from a place of the page on");
    for (place, what) in [
        (0, "aligned"),
        (3, "within a cache line"),
        (60, "across two lines"),
        (PAGE - 4, "across two pages"),
    ] {
        println!("  {place:5} {:6.2}  {what}", read(pages, place));
    }
}

/// The time of one read at this place of a page, of four pages in turn.
fn read(pages: &[u8], place: usize) -> f64 {
    const ROUNDS: u32 = 1 << 20;
    let runs = (0..5).map(|_| {
        let start = Instant::now();
        let mut sum = 0;
        for _ in 0..ROUNDS {
            let pages = black_box(pages);
            for page in 0..4 {
                let bytes = pages[page * PAGE + place..].first_chunk();
                sum ^= u64::from_ne_bytes(*bytes.expect("eight bytes"));
            }
        }
        black_box(sum);
        start.elapsed().as_nanos() as f64
    });
    runs.fold(f64::INFINITY, f64::min) / f64::from(4 * ROUNDS)
}
