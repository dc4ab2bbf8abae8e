//! A clock in milliseconds that stands still until it is told.

use crate::primitive::Cell;

std::thread_local! {
    static NOW: Cell<u32> = const { Cell::new(0) };
}

/// Reads the clock, as the allocator's remote-free cache does.
pub(crate) fn update_clock() -> u32 {
    NOW.get()
}

/// Moves the clock on and returns the new time.
pub(crate) fn pass(milliseconds: u32) -> u32 {
    let now = NOW.get().wrapping_add(milliseconds);
    NOW.set(now);
    now
}
