//! Futexes: a thread sleeps on a word until another one wakes it.

use core::sync::atomic::AtomicUsize;

/// Returns the address of the half that the kernel compares: the lower half of a 64-bit word.
fn lower_half(word: &AtomicUsize) -> *const u32 {
    let last = size_of::<usize>() / size_of::<u32>() - 1;
    let index = if cfg!(target_endian = "big") { last } else { 0 };
    word.as_ptr().cast::<u32>().wrapping_add(index)
}

/// Sleeps while the lower halves of `word` and `expected` are equal; may return early.
pub fn wait(word: &AtomicUsize, expected: usize) {
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    let forever = core::ptr::null::<libc::timespec>();
    let (place, expected) = (lower_half(word), expected as u32);
    // SAFETY: the kernel reads the word, which outlives the call; a null timeout is no time limit.
    unsafe { libc::syscall(libc::SYS_futex, place, operation, expected, forever) };
}

/// Wakes one thread that sleeps on `word`.
pub fn wake_one(word: &AtomicUsize) {
    let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the kernel uses the word's address only as a key.
    unsafe { libc::syscall(libc::SYS_futex, lower_half(word), operation, 1) };
}
