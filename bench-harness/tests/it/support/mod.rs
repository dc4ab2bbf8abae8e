//! What tests of resident memory need.

use std::process::Command;

/// The harness, where the kernel gives no huge pages that nobody asked for: resident memory is what
/// was touched. So has this process from now on, whose children inherit it.
pub(crate) fn harness_with_small_pages() -> Command {
    // SAFETY: takes numbers, and changes nothing but where this process gets pages from.
    unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0);
    }
    Command::new(env!("CARGO_BIN_EXE_bench-harness"))
}
