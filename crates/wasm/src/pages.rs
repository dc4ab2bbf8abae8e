//! WebAssembly's memory as a source.

use core::arch::wasm32::{memory_grow, memory_size};
use core::ptr::NonNull;

use core_api::Region;

use crate::linear::Linear;

/// Bytes of a page.
const PAGE: usize = 1 << 16;

/// The memory behind the program's statics and its stack, and pages from `memory.grow`.
#[derive(Debug)]
pub struct Pages(());

impl Pages {
    /// Returns the source.
    ///
    /// # Safety
    ///
    /// Nothing else uses the memory from `__heap_base` on that the program begins with, and there is one such source.
    pub const unsafe fn new() -> Self {
        Self(())
    }
}

/// Returns the pointer to where the linker leaves memory to the heap: behind the statics and the stack.
fn heap_base() -> *mut u8 {
    unsafe extern "C" {
        static __heap_base: u8;
    }
    (&raw const __heap_base).cast_mut()
}

// SAFETY: all regions are parts of the one memory of the program. Pages are new, and lie behind all others; the rest of
// the memory that the program begins with is the heap's by the promise for `new`.
unsafe impl Linear for Pages {
    fn more(&mut self, from: usize, len: usize) -> Option<Region> {
        let end = memory_size::<0>() * PAGE;
        let start = match from {
            0 => heap_base().addr(),
            _ => end,
        };
        // The sum does not wrap: the memory has a page at least. Shorter than a division that rounds up.
        let more = start.checked_add(len)?.saturating_sub(end) + (PAGE - 1);
        let n_pages = more / PAGE;
        if memory_grow::<0>(n_pages) == usize::MAX {
            return None;
        }
        let base = NonNull::new(heap_base().with_addr(start))?;
        // SAFETY: as above.
        Some(unsafe { Region::new(base, end + n_pages * PAGE - start) })
    }
}
