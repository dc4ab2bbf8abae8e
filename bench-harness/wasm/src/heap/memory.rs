//! WebAssembly's memory.

use std::arch::wasm32::memory_grow;

/// Bytes of a page.
pub(crate) const PAGE: usize = 1 << 16;

/// Grows the memory by `n` pages, and returns the pointer to the first one.
pub(crate) fn grow(n: usize) -> Option<*mut u8> {
    let first = memory_grow::<0>(n);
    (first != usize::MAX).then(|| at(first * PAGE))
}

/// Returns the pointer to an address behind the program's statics.
fn at(address: usize) -> *mut u8 {
    unsafe extern "C" {
        /// Where the linker leaves memory to others: behind the statics and the stack.
        static __heap_base: u8;
    }
    (&raw const __heap_base).cast_mut().with_addr(address)
}
