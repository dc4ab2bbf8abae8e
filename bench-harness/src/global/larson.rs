//! A server's threads, after Larson and Krishnan ("Memory allocation for long-running server
//! applications", ISMM 1998): what one allocated, another frees.

use std::alloc::GlobalAlloc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::block::{Block, SMALL, allocate, free, words};
use super::live::replace_some;
use super::rng::Rng;
use super::workers;

/// Blocks of an array.
const LEN: usize = 1000;

/// Nanoseconds of one replacement, of `n`. A thread takes the next of twice as many arrays as there
/// are threads, replaces blocks in it a thousand times and takes the next.
pub(super) fn larson(allocator: &(impl GlobalAlloc + Sync), n_threads: usize, n: usize) -> f64 {
    let fresh = |rng: &mut Rng| allocate(allocator, words(rng.within(SMALL)));
    let mut rng = Rng::new(n_threads);
    let arrays: Vec<Mutex<Vec<Block>>> = (0..2 * n_threads)
        .map(|_| Mutex::new((0..LEN).map(|_| fresh(&mut rng)).collect()))
        .collect();
    let next = AtomicUsize::new(0);
    let n_each = n.div_ceil(n_threads * LEN);
    let run = |rng: &mut Rng, n_rounds| {
        for _ in 0..n_rounds {
            let array = next.fetch_add(1, Ordering::Relaxed) % arrays.len();
            let mut blocks = arrays[array].lock().unwrap_or_else(PoisonError::into_inner);
            replace_some(allocator, &mut blocks, rng, LEN, fresh);
        }
    };
    let prepare = |index| {
        let mut rng = Rng::new(index);
        run(&mut rng, n_each.div_ceil(8));
        rng
    };
    let nanos = workers::time(n_threads, prepare, |rng| run(rng, n_each), drop);
    for array in arrays {
        let blocks = array.into_inner().unwrap_or_else(PoisonError::into_inner);
        blocks.into_iter().for_each(|block| free(allocator, block));
    }
    nanos / (n_each * n_threads * LEN) as f64
}
