//! What stays resident beyond the bytes that were asked for.

use std::alloc::GlobalAlloc;
use std::ptr::{NonNull, null_mut};

use super::block::{Block, allocate, free, words};
use super::thread_churn::spawn_and_join;
use crate::process::{Sample, resident};

const KIB: f64 = 1024.0;

/// Bytes resident for each of `n` blocks of 24 bytes.
pub(super) fn dense(allocator: &(impl GlobalAlloc + ?Sized), n: usize) -> f64 {
    const LEN: usize = 24;
    free(allocator, allocate(allocator, words(LEN)));
    let before = anonymous();
    let mut last: *mut u8 = null_mut();
    for _ in 0..n {
        let block = allocate(allocator, words(LEN));
        // SAFETY: a live block with room for a pointer, and aligned for it.
        unsafe { block.start.cast::<*mut u8>().write(last) };
        last = block.start.as_ptr();
    }
    let grown = anonymous() - before;
    while let Some(start) = NonNull::new(last) {
        // SAFETY: the pointer that was written into this block, which is live.
        last = unsafe { start.cast::<*mut u8>().read() };
        let layout = words(LEN);
        free(allocator, Block { start, layout });
    }
    grown / n as f64
}

/// KiB that 98 KiB take: three blocks of each multiple of 16 up to 1,024 bytes.
pub(super) fn classes(allocator: &(impl GlobalAlloc + ?Sized)) -> f64 {
    let sizes = (1..=64).map(|n| n * 16).flat_map(|size| [size; 3]);
    let sizes: Vec<usize> = sizes.collect();
    let mut blocks = Vec::with_capacity(sizes.len());
    let before = anonymous();
    for size in sizes {
        let block = allocate(allocator, words(size));
        // SAFETY: a live block of `size` bytes.
        unsafe { block.start.write_bytes(1, size) };
        blocks.push(block);
    }
    let grown = anonymous() - before;
    blocks.into_iter().for_each(|block| free(allocator, block));
    grown / KIB
}

/// KiB resident in this process, files included, after one block.
pub(super) fn idle(allocator: &(impl GlobalAlloc + ?Sized)) -> f64 {
    free(allocator, allocate(allocator, words(64)));
    resident() as f64 / KIB
}

/// KiB by which the process grows while `n` threads start and end, two at a time, after a warm-up of a hundredth of
/// them.
pub(super) fn after_thread_churn(allocator: &(impl GlobalAlloc + Sync + ?Sized), n: usize) -> f64 {
    spawn_and_join(allocator, 2, n / 200);
    let before = anonymous();
    spawn_and_join(allocator, 2, n / 2);
    (anonymous() - before) / KIB
}

/// Bytes resident that are no file's.
fn anonymous() -> f64 {
    Sample::take().anonymous as f64
}
