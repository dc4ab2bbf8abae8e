//! What the system's `malloc` does, beside what it promises.
//!
//! ```text
//! cargo run -p malloc-ladder-core-api --example promises
//! ```
//!
//! `black_box` keeps requests that an optimizing compiler would leave out. The block that comes back is not of zeros: a
//! compiler turns such a request into `calloc`, which in some versions of glibc takes no block that was just freed.

use std::hint::black_box;
use std::ptr;

type Block = Box<[u8; 24]>;

fn main() {
    let mut blocks: Vec<Block> = (0..5).map(|_| Box::new([0; 24])).collect();
    println!("five blocks of 24 bytes, one after the other:");
    for block in &blocks {
        let here = address(block);
        let gap = here.wrapping_sub(address(&blocks[0])).cast_signed();
        println!("  {here:#x}, {gap} from the first");
    }

    let third = address(&black_box(blocks.remove(2)));
    let again: Block = black_box(Box::new([7; 24]));
    println!("the third is freed, and 24 bytes are asked for:");
    println!(
        "  {:#x}, the same: {}",
        address(&again),
        address(&again) == third
    );

    let mut text = String::from("twenty-four bytes to use");
    let _behind: Block = Box::new([0; 24]);
    println!("a block grows, with another one behind it:");
    for more in [1, 1000, 1_000_000] {
        let before = text.as_ptr().addr();
        text.reserve_exact(more);
        let moved = text.as_ptr().addr() != before;
        println!("  for {more} more: moved {moved}, and says {text:?}");
    }

    println!("nothing is asked for:");
    let empty = Vec::<u64>::new();
    println!("  an empty vector of u64 is at {:?}", empty.as_ptr());
    println!("half of all addresses are asked for:");
    let mut half = Vec::<u8>::new();
    let answer = half.try_reserve_exact(isize::MAX as usize);
    println!("  refused: {}", answer.is_err());
    black_box(half);
}

fn address(block: &Block) -> usize {
    ptr::from_ref(&**block).addr()
}
