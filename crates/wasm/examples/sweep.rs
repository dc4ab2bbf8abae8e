//! Shows the heap before and after a sweep: free blocks wait, until a request needs more than each of them has.

use core::alloc::Layout;
use core::mem::MaybeUninit;

use core_api::{AllocError, Allocator, Borrowed, HeapMap, Inspect};
use wasm::Heap;

fn main() -> Result<(), AllocError> {
    let mut buffer = [MaybeUninit::uninit(); 1040];
    let mut heap: Heap<_> = Heap::new(Borrowed::new(&mut buffer));
    let small = Layout::new::<[u64; 4]>();
    let blocks: Vec<_> = (0..32).map_while(|_| heap.allocate(small).ok()).collect();
    println!("{} blocks:\n  {}", blocks.len(), HeapMap::new(&heap, 64));
    for block in &blocks[8..24] {
        // SAFETY: the block is live, and was allocated with this layout.
        unsafe { heap.deallocate(block.cast(), small) };
    }
    println!(
        "half of them freed, each for itself:\n  {}",
        HeapMap::new(&heap, 64)
    );
    heap.allocate(Layout::new::<[u64; 40]>())?;
    println!(
        "a larger one, after a sweep:\n  {}",
        HeapMap::new(&heap, 64)
    );
    assert_eq!(heap.check(), Ok(()));
    Ok(())
}
