//! Shows what a free does to the edge bits, for a block at the start of a pair and at its end.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ops::ControlFlow;
use core_api::{AllocError, Allocator, BlockState, Borrowed, Inspect};
use headerless::HeaderlessHeap;

/// Prints a letter for each granule from the first block up to the top: used, free, or a pad.
fn print(heap: &HeaderlessHeap<Borrowed<'_>>, what: &str) {
    let mut line = String::new();
    let _ = heap.walk(&mut |block| {
        let letter = match block.state {
            BlockState::Used => "#",
            BlockState::Free => ".",
            _ => "+",
        };
        let is_metadata = block.state == BlockState::Metadata && block.size > 8;
        if !is_metadata && block.size != heap.top_len() {
            line += &letter.repeat(block.size / 8);
        }
        ControlFlow::Continue(())
    });
    println!("{line:24} {what}");
}

fn main() -> Result<(), AllocError> {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut heap = HeaderlessHeap::new(Borrowed::new(&mut buffer));
    let layout = |size| Layout::from_size_align(size, 8).map_err(|_| AllocError);
    let mut blocks = [None; 4];
    for (block, size) in blocks.iter_mut().zip([24, 40, 24, 32]) {
        *block = Some(heap.allocate(layout(size)?)?.cast::<u8>());
    }
    print(&heap, "four blocks side by side: 24, 40, 24 and 32 bytes");
    for (index, size, what) in [
        (
            1,
            40,
            "the second is free: two edges, where it begins and ends",
        ),
        (2, 24, "and the third: the edge between them is gone"),
    ] {
        if let Some(block) = blocks[index].take() {
            // SAFETY: the block was allocated with this layout.
            unsafe { heap.deallocate(block, layout(size)?) };
        }
        print(&heap, what);
    }
    heap.allocate(layout(56)?)?;
    print(
        &heap,
        "56 of the 64 bytes are used; a pad waits for a neighbour",
    );
    Ok(())
}
