//! The size of an OS page.

use core::sync::atomic::{AtomicUsize, Ordering};

/// Returns the size of an OS page; asks the system once and caches the answer.
#[inline]
pub fn page_size() -> usize {
    #[unsafe(link_section = ".data")]
    static PAGE_SIZE: AtomicUsize = AtomicUsize::new(0);
    match PAGE_SIZE.load(Ordering::Relaxed) {
        0 => {
            let asked = ask();
            PAGE_SIZE.store(asked, Ordering::Relaxed);
            asked
        }
        known => known,
    }
}

#[cold]
fn ask() -> usize {
    // SAFETY: `sysconf` takes a number and touches no memory of ours.
    let answer = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(answer).unwrap_or(4096)
}

/// Rounds down to whole pages.
pub(crate) fn round_down(bytes: usize) -> usize {
    bytes & !(page_size() - 1)
}

/// Rounds up to whole pages.
pub(crate) fn round_up(bytes: usize) -> usize {
    round_down(bytes + page_size() - 1)
}
