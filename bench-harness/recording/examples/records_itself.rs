//! A program that records itself: strings, a growing vector, aligned and zeroed blocks, two threads.
//!
//! ```sh
//! cargo build --release -p recording --example records_itself
//! cargo xtask record --rust -- target/release/examples/records_itself
//! ```

use std::alloc::{GlobalAlloc, Layout, System, alloc, dealloc};
use std::hint::black_box;

use recording::Recording;

#[global_allocator]
static GLOBAL: Recording<System> = Recording::new(System);

/// A value of a cache line's size and alignment.
#[repr(align(64))]
struct Line([u8; 64]);

fn main() {
    let words: Vec<String> = (0..1000).map(|number| format!("word {number}")).collect();
    let mut bytes = Vec::new();
    for word in &words {
        bytes.extend_from_slice(word.as_bytes());
    }
    let lines: Vec<Box<Line>> = (0..100).map(|byte| Box::new(Line([byte; 64]))).collect();
    let zeroes = black_box(vec![0_u8; 5000]);
    let other = std::thread::spawn(|| {
        (0..500)
            .map(|number| *black_box(Box::new(number)))
            .sum::<u32>()
    });
    let sum: usize = lines.iter().map(|line| usize::from(line.0[0])).sum();
    println!(
        "{} {sum} {}",
        bytes.len() + zeroes.len(),
        other.join().unwrap_or_default()
    );
    from_below();
}

/// Allocates and frees two blocks of a size that nothing else requests; another allocator serves one of them.
fn from_below() {
    let layout = Layout::new::<[u16; 2021]>();
    // SAFETY: the layout's size is not 0, and each block goes back to the allocator that it came from.
    unsafe {
        let unrecorded = black_box(System.alloc(layout));
        let block = black_box(alloc(layout));
        dealloc(block, layout);
        System.dealloc(unrecorded, layout);
    }
}
