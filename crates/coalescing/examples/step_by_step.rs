//! One `malloc(24)` and its `free`, byte by byte.

use std::alloc::Layout;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use coalescing::{CoalescingHeap, Immediate};
use core_api::{AllocError, Allocator, Block, BlockState, Borrowed, Inspect};

/// Merges at once, so that each step shows what the call before it did.
type Small<'a> = CoalescingHeap<Borrowed<'a>, 8, Immediate>;

const REQUEST: Layout = Layout::new::<[u8; 24]>();

/// Prints the blocks that are not the heap's own, with their bytes.
fn show(heap: &Small<'_>, base: NonNull<u8>, title: &str) {
    println!("{title}");
    let start = base.addr().get();
    let _ = heap.walk(&mut |block| {
        let is_block = block.state != BlockState::Metadata && block.size <= 256;
        if is_block {
            print_block(block, base, block.address - start);
        }
        std::ops::ControlFlow::Continue(())
    });
    println!();
}

fn print_block(block: Block, base: NonNull<u8>, offset: usize) {
    println!("  at {offset}: {:?}, {} bytes", block.state, block.size);
    for line in (0..block.size).step_by(8) {
        // SAFETY: the block lies in the buffer, all of which was initialized.
        let bytes = unsafe { base.add(offset + line).cast::<[u8; 8]>().read() };
        let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        println!("    {:6}  {}", offset + line, hex.join(" "));
    }
}

fn main() -> Result<(), AllocError> {
    let mut memory = [MaybeUninit::new(0_u8); 2048];
    let base = NonNull::from(&mut memory).cast::<u8>();
    let mut heap = Small::new(Borrowed::new(&mut memory));

    let hole = Layout::new::<[u8; 60]>();
    let first = heap.allocate(hole)?.cast::<u8>();
    heap.allocate(Layout::new::<[u8; 12]>())?;
    // SAFETY: the block was allocated with this layout.
    unsafe { heap.deallocate(first, hole) };
    show(&heap, base, "A hole of 64 bytes before a used block");

    let block = heap.allocate(REQUEST)?.cast::<u8>();
    let text = b"twenty-four bytes of it.";
    // SAFETY: the block has at least 24 bytes.
    unsafe { block.copy_from_nonoverlapping(NonNull::from(text).cast(), text.len()) };
    show(&heap, base, "malloc(24)");

    // SAFETY: the block was allocated with this layout.
    unsafe { heap.deallocate(block, REQUEST) };
    show(&heap, base, "free");
    Ok(())
}
