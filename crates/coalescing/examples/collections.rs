//! Collections on a heap of their own, through `allocator-api2`: they share a buffer on the stack.

use std::mem::MaybeUninit;

use allocator_api2::boxed::Box;
use allocator_api2::vec::Vec;
use coalescing::CoalescingHeap;
use core_api::{Borrowed, HeapMap, Inspect, Local};

fn main() {
    let mut buffer = [MaybeUninit::uninit(); 8192];
    let heap = Local::new(CoalescingHeap::<_>::new(Borrowed::new(&mut buffer)));

    let mut squares = Vec::new_in(&heap);
    squares.extend((0..100_u64).map(|n| n * n));
    let sum = Box::new_in(squares.iter().sum::<u64>(), &heap);
    println!("{} squares, whose sum is {sum}", squares.len());
    heap.inspect(|heap| println!("{}", HeapMap::new(heap, 64)));

    drop(squares);
    let free = heap.inspect(|heap| heap.stats().free);
    println!("without the squares {free} bytes are free");

    let mut too_long: Vec<u64, _> = Vec::new_in(&heap);
    let refused = too_long.try_reserve(10_000);
    println!("80 kB in a buffer of 8: {}", refused.is_err());
}
