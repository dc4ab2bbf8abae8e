//! A heap that only grows: small blocks that are all live until the end.

use std::ptr::NonNull;

use super::block::{Block, allocate, ensure_intact, free, words};
use super::collections::Called;
use super::workers;

/// Bytes of a block.
const LEN: usize = 100;

/// What a block begins with.
#[derive(Clone, Copy)]
struct Head {
    next: Option<NonNull<Head>>,
    index: usize,
}

/// Nanoseconds of a block, of `n`: it is allocated and written, and read when all are there. The frees
/// at the end are not timed.
pub(super) fn grow_only(allocator: Called<'_>, n_threads: usize, n: usize) -> f64 {
    let n_each = n.div_ceil(n_threads);
    let run = |first: &mut Option<NonNull<Head>>| {
        *first = chain(allocator, n_each);
        ensure_intact(read(*first) == n_each * (n_each - 1) / 2);
    };
    let finish = |first| free_all(allocator, first);
    let nanos = workers::time(n_threads, |_| None, run, finish);
    nanos / (n_each * n_threads) as f64
}

/// `n` blocks, of which each knows the next one.
fn chain(allocator: Called<'_>, n: usize) -> Option<NonNull<Head>> {
    let mut first = None;
    let mut last: Option<NonNull<Head>> = None;
    for index in 0..n {
        let head = block(allocator, index);
        match last {
            // SAFETY: the head of a live block, which was written when the block was new.
            Some(mut last) => unsafe { last.as_mut().next = Some(head) },
            None => first = Some(head),
        }
        last = Some(head);
    }
    first
}

fn block(allocator: Called<'_>, index: usize) -> NonNull<Head> {
    let start = allocate(allocator, words(LEN)).start;
    let head = start.cast();
    // SAFETY: a live block of `LEN` bytes, which is aligned for the head and longer.
    unsafe {
        start.write_bytes(1, LEN);
        head.write(Head { next: None, index });
    }
    head
}

/// The sum of the indexes.
fn read(first: Option<NonNull<Head>>) -> usize {
    let mut sum = 0;
    let mut next = first;
    while let Some(head) = next {
        // SAFETY: the head of a live block, which was written when the block was new.
        let head = unsafe { head.read() };
        sum += head.index;
        next = head.next;
    }
    sum
}

fn free_all(allocator: Called<'_>, first: Option<NonNull<Head>>) {
    let mut next = first;
    while let Some(head) = next {
        // SAFETY: the head of a live block, which was written when the block was new.
        next = unsafe { head.read() }.next;
        let (start, layout) = (head.cast(), words(LEN));
        free(allocator, Block { start, layout });
    }
}
