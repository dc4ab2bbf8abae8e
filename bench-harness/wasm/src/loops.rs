//! The loops that are timed.
//!
//! Each writes a word into every block that it takes and adds words that it reads to a sum, by volatile
//! accesses: else the compiler would remove requests whose blocks nobody looks at. The sums depend on the loop
//! only, so they are the same on every allocator. The tables lie in statics, not on the heap.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};

use crate::dice::Dice;

/// Makes a layout.
#[inline(always)]
fn layout(size: usize, align: usize) -> Layout {
    // SAFETY: the loops use small sizes and powers of two.
    unsafe { Layout::from_size_align_unchecked(size, align) }
}

#[inline(always)]
fn take(layout: Layout) -> *mut u8 {
    // SAFETY: no loop asks for 0 bytes.
    let block = unsafe { alloc(layout) };
    if block.is_null() {
        handle_alloc_error(layout);
    }
    block
}

/// Writes the first byte of a block.
#[inline(always)]
fn write(block: *mut u8, value: u32) {
    // SAFETY: the loops pass live blocks.
    unsafe { block.write_volatile(value as u8) }
}

/// Reads the first byte of a block.
#[inline(always)]
fn read(block: *mut u8) -> u32 {
    // SAFETY: the loops pass live blocks that they have written to.
    u32::from(unsafe { block.read_volatile() })
}

/// A block of 32 bytes, and its free.
#[inline(always)]
pub(crate) fn pair(n: u32) -> u32 {
    let layout = layout(32, 8);
    let mut sum = 0u32;
    for i in 0..n {
        let block = take(layout);
        write(block, i);
        sum = sum.wrapping_add(read(block));
        // SAFETY: the block is live and has this layout.
        unsafe { dealloc(block, layout) };
    }
    sum
}

/// 10,000 live blocks of 16 to 1,024 bytes.
pub(crate) struct Churn {
    dice: Dice,
    blocks: [(*mut u8, u32); Self::N_LIVE as usize],
}

static mut CHURN: Churn = Churn {
    dice: Dice::new(1),
    blocks: [(std::ptr::null_mut(), 0); Churn::N_LIVE as usize],
};

impl Churn {
    const N_LIVE: u32 = 10_000;

    /// Calls `f` with the table.
    #[inline(always)]
    pub(crate) fn with(f: impl FnOnce(&mut Self) -> u32) -> u32 {
        // SAFETY: the program has one thread, and no export calls another.
        f(unsafe { &mut *&raw mut CHURN })
    }

    /// Multiples of 8, all equally likely.
    #[inline(always)]
    fn size(&mut self) -> u32 {
        16 + 8 * self.dice.below(127)
    }

    #[inline(always)]
    fn place(&mut self, index: usize, value: u32) {
        let size = self.size();
        let block = take(layout(size as usize, 8));
        write(block, value);
        self.blocks[index] = (block, size);
    }

    #[inline(always)]
    pub(crate) fn fill(&mut self) -> u32 {
        for index in 0..Self::N_LIVE {
            self.place(index as usize, index);
        }
        0
    }

    #[inline(always)]
    pub(crate) fn replace(&mut self, n: u32) -> u32 {
        let mut sum = 0u32;
        for i in 0..n {
            let index = self.dice.below(Self::N_LIVE) as usize;
            let (block, size) = self.blocks[index];
            sum = sum.wrapping_add(size);
            // SAFETY: the block is live and has this layout.
            unsafe { dealloc(block, layout(size as usize, 8)) };
            self.place(index, i);
        }
        sum
    }
}

/// A live block of [`random`].
#[derive(Clone, Copy)]
struct Live {
    block: *mut u8,
    layout: Layout,
}

const N_SLOTS: usize = 1 << 14;

static mut LIVE: [Option<Live>; N_SLOTS] = [None; N_SLOTS];

/// Of seven actions three take a block, three free one and one resizes one. Below 100 live blocks all take one.
/// Sizes go from 1 to 10,000, small ones more often; three of four alignments are 8, and none is above 64.
#[inline(always)]
pub(crate) fn random(n: u32, seed: u32) -> u32 {
    const AT_LEAST: usize = 100;
    let mut dice = Dice::new(seed);
    // SAFETY: the program has one thread, and no export calls another.
    let live = unsafe { &mut *&raw mut LIVE };
    let (mut len, mut sum) = (0, 0u32);
    for i in 0..n {
        let action = dice.below(7);
        if len < AT_LEAST || (action < 3 && len < N_SLOTS) {
            let layout = layout(random_size(&mut dice), random_align(&mut dice));
            let block = take(layout);
            write(block, i);
            live[len] = Some(Live { block, layout });
            len += 1;
            continue;
        }
        let index = dice.below(len as u32) as usize;
        let Some(old) = live[index] else {
            continue;
        };
        sum = sum.wrapping_add(read(old.block));
        if action == 6 {
            let size = random_size(&mut dice);
            // SAFETY: the block is live and has this layout; the new size is small and not 0.
            let block = unsafe { realloc(old.block, old.layout, size) };
            let layout = layout(size, old.layout.align());
            if block.is_null() {
                handle_alloc_error(layout);
            }
            live[index] = Some(Live { block, layout });
        } else {
            // SAFETY: the block is live and has this layout.
            unsafe { dealloc(old.block, old.layout) };
            len -= 1;
            live[index] = live[len];
        }
    }
    for old in live[..len].iter().flatten() {
        // SAFETY: the block is live and has this layout; the table is not read again.
        unsafe { dealloc(old.block, old.layout) };
    }
    sum
}

#[inline(always)]
fn random_size(dice: &mut Dice) -> usize {
    let most = 16 + dice.below(9_985);
    1 + dice.below(most) as usize
}

#[inline(always)]
fn random_align(dice: &mut Dice) -> usize {
    8 << ((dice.roll() | 1 << 6).trailing_zeros() / 2)
}

/// A block that is doubled from 16 bytes to 1 MiB; one round is 16 steps.
#[inline(always)]
pub(crate) fn chain(n: u32) -> u32 {
    const LAST: usize = 1 << 20;
    let mut sum = 0u32;
    for i in 0..n {
        let mut size = 16;
        let mut block = take(layout(size, 8));
        write(block, i);
        while size < LAST {
            // SAFETY: the block is live and has this layout.
            block = unsafe { realloc(block, layout(size, 8), 2 * size) };
            size *= 2;
            if block.is_null() {
                handle_alloc_error(layout(size, 8));
            }
            // SAFETY: the block has `size` bytes.
            write(unsafe { block.add(size - 1) }, i);
        }
        sum = sum.wrapping_add(read(block));
        // SAFETY: the block is live and has this layout.
        unsafe { dealloc(block, layout(size, 8)) };
    }
    sum
}
