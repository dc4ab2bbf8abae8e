//! The cost of an operation from 10² to 10⁶ live blocks: `cargo run --release -p malloc-ladder-mmap-backed
//! --example flat [LIVE…]`.
//!
//! An operation frees a random block and allocates another of 16 to 512 bytes. The control only
//! reads a random block, and waits for what it read before it picks the next: what grows in both
//! columns is the cache's share.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{AllocError, Allocator};
use mmap_backed::MmapHeap;

const OPERATIONS: usize = 2_000_000;

fn main() -> Result<(), AllocError> {
    println!("{:>9} {:>12} {:>12}", "live", "ns/operation", "ns/control");
    let asked: Vec<usize> = std::env::args()
        .filter_map(|live| live.parse().ok())
        .collect();
    let default = [100, 1_000, 10_000, 100_000, 1_000_000];
    for &n_live in if asked.is_empty() {
        &default[..]
    } else {
        &asked
    } {
        let mut heap = MmapHeap::<8>::new();
        let mut random = 1;
        let mut live = Vec::with_capacity(n_live);
        for _ in 0..n_live {
            live.push(block(&mut heap, next(&mut random))?);
        }
        let churn = time(|| churn(&mut heap, &mut live, &mut random))?;
        let touch = time(|| {
            touch(&live, &mut random);
            Ok(())
        })?;
        println!("{n_live:>9} {churn:>12.1} {touch:>12.1}");
    }
    Ok(())
}

type Block = (NonNull<u8>, Layout);

fn block(heap: &mut MmapHeap, random: usize) -> Result<Block, AllocError> {
    let layout = Layout::from_size_align(16 + random % 497, 8).map_err(|_| AllocError)?;
    let block = heap.allocate(layout)?.cast::<u8>();
    // SAFETY: the block has at least 16 bytes.
    unsafe { block.write(1) };
    Ok((block, layout))
}

fn churn(heap: &mut MmapHeap, live: &mut [Block], random: &mut u64) -> Result<(), AllocError> {
    for _ in 0..OPERATIONS {
        let slot = next(random) % live.len();
        let (old, layout) = live[slot];
        // SAFETY: live, and replaced in the list.
        unsafe { heap.deallocate(old, layout) };
        live[slot] = block(heap, next(random))?;
    }
    Ok(())
}

fn touch(live: &[Block], random: &mut u64) {
    for _ in 0..OPERATIONS {
        let (block, _) = live[next(random) % live.len()];
        // SAFETY: live, with at least 16 bytes, of which the first is written.
        *random ^= u64::from(unsafe { block.read_volatile() });
    }
}

/// Nanoseconds of processor time for each of the operations.
fn time(run: impl FnOnce() -> Result<(), AllocError>) -> Result<f64, AllocError> {
    let begin = processor_time();
    run()?;
    Ok((processor_time() - begin) / OPERATIONS as f64)
}

/// Nanoseconds that this thread has run, so that a busy machine does not count.
fn processor_time() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the struct outlives the call.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Knuth's MMIX generator.
fn next(state: &mut u64) -> usize {
    *state = state
        .wrapping_mul(6364136223846793005)
        .wrapping_add(1442695040888963407);
    (*state >> 33) as usize
}
