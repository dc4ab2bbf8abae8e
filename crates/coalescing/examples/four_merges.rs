//! The four cases of a free: each neighbour is used or free.
//!
//! `#` used, `.` free, `+` metadata. The first cells are the heads of the lists.

use std::alloc::Layout;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use coalescing::{CoalescingHeap, Immediate};
use core_api::{AllocError, Allocator, Borrowed, HeapMap, Inspect};

/// With its header, a block of 304 bytes: five cells of the map.
const BLOCK: Layout = Layout::new::<[u8; 300]>();

/// Merges at once, so that each step shows what the call before it did.
type Small<'a> = CoalescingHeap<Borrowed<'a>, 8, Immediate>;

fn free(heap: &mut Small<'_>, block: NonNull<u8>) {
    // SAFETY: the example frees each block once.
    unsafe { heap.deallocate(block, BLOCK) };
}

/// Four blocks A B C D; B is freed last, after those of `freed`.
fn case(title: &str, freed: &[usize]) -> Result<(), AllocError> {
    let mut memory = [MaybeUninit::uninit(); 4096];
    let mut heap = Small::new(Borrowed::new(&mut memory));
    let mut blocks = [NonNull::dangling(); 4];
    for block in &mut blocks {
        *block = heap.allocate(BLOCK)?.cast();
    }
    for &index in freed {
        free(&mut heap, blocks[index]);
    }
    println!("{title}");
    println!("  before  {}", HeapMap::new(&heap, 64));
    free(&mut heap, blocks[1]);
    println!("  after   {}\n", HeapMap::new(&heap, 64));
    heap.check().expect("the invariants hold");
    Ok(())
}

fn main() -> Result<(), AllocError> {
    println!("Blocks A, B, C and D follow each other; B is freed.\n");
    case("1. A and C are used: B becomes a free block", &[])?;
    case("2. C is free: B takes it in", &[2])?;
    case("3. A is free: it takes B in", &[0])?;
    case("4. both are free: all three become one", &[0, 2])
}
