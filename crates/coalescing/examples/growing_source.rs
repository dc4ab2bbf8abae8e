//! A heap that grows by page frames, as in a kernel: its `Source` is all that knows about frames.

use std::alloc::Layout;
use std::cell::Cell;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use coalescing::CoalescingHeap;
use core_api::{AllocError, Allocator, Growth, Region, Source};

const FRAME: usize = 4096;
const N_FRAMES: usize = 64;

/// Memory that a kernel has set aside for its heap, and how many frames of it are in use.
struct Frames<'a> {
    window: Region,
    in_use: &'a Cell<usize>,
}

impl Frames<'_> {
    /// The first `len` bytes of the window, in whole frames.
    fn map(&self, len: usize) -> Option<Region> {
        let n_frames = len.div_ceil(FRAME);
        let (mapped, _) = self.window.split_at(n_frames * FRAME)?;
        self.in_use.set(n_frames);
        Some(mapped)
    }
}

// SAFETY: there is one region, which begins where the window does and ends within it.
unsafe impl Source for Frames<'_> {
    const GROWTH: Growth = Growth::InPlace;
    const CAN_RELEASE: bool = true;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        self.map(min_len)
    }

    unsafe fn extend(&mut self, region: Region, by: usize) -> Option<Region> {
        self.map(region.len().checked_add(by)?)
    }

    unsafe fn release_tail(&mut self, region: Region, by: usize) -> Region {
        self.map(region.len() - by).unwrap_or(region)
    }

    fn granularity(&self) -> usize {
        FRAME
    }
}

fn main() -> Result<(), AllocError> {
    let mut memory = vec![MaybeUninit::<u8>::uninit(); N_FRAMES * FRAME];
    let base = NonNull::from(memory.as_mut_slice()).cast();
    let in_use = Cell::new(0);
    let frames = Frames {
        // SAFETY: the vector outlives the heap and is not used in any other way.
        window: unsafe { Region::new(base, memory.len()) },
        in_use: &in_use,
    };
    let mut heap: CoalescingHeap<Frames<'_>> = CoalescingHeap::new(frames);

    let layout = Layout::new::<[u8; 10_000]>();
    let mut blocks = Vec::new();
    while let Ok(block) = heap.allocate(layout) {
        blocks.push(block.cast());
        if blocks.len() % 5 == 0 {
            println!("{} blocks in {} frames", blocks.len(), in_use.get());
        }
    }
    println!("no more frames: the next request failed, and the heap goes on");
    for block in blocks {
        // SAFETY: the block was allocated with this layout and is not used again.
        unsafe { heap.deallocate(block, layout) };
    }
    heap.trim(0);
    println!("all freed and trimmed: {} frames", in_use.get());
    Ok(())
}
