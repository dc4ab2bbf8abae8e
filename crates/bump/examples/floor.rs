//! The floor under every allocator here: what one bump allocation compiles to.
//!
//! ```text
//! cargo xtask instructions
//! ```
//!
//! compiles this file, prints the assembly of `allocate_u64` and counts its instructions.

use core::alloc::Layout;
use core::ptr::NonNull;

use bump::Bump;
use core_api::{Allocator, StaticHeap};

static HEAP: StaticHeap = StaticHeap::new();

/// One allocation of a constant layout, as a function of its own.
#[unsafe(no_mangle)]
#[inline(never)]
pub fn allocate_u64(bump: &mut Bump) -> Option<NonNull<u8>> {
    bump.allocate(Layout::new::<u64>()).ok().map(NonNull::cast)
}

fn main() {
    let mut bump = Bump::new(&HEAP);
    let mut n_blocks = 0;
    while allocate_u64(&mut bump).is_some() {
        n_blocks += 1;
    }
    println!(
        "{n_blocks} blocks of 8 bytes from a heap of {}",
        bump.used()
    );
}
