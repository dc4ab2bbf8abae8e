//! A process forks while its other threads allocate. Can the children?

use std::alloc::GlobalAlloc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::block::{SMALL, allocate, free, words};
use super::rng::Rng;

/// Seconds after which a child that has not ended hangs.
const TIME_LIMIT: u32 = 1;
/// After so long no more children are made.
const LIMIT: Duration = Duration::from_secs(20);

/// Of a thousand children, those that crash or hang when they allocate and free a hundred blocks.
/// At most `n` are made, and fewer if many hang.
pub(super) fn failures(allocator: &(impl GlobalAlloc + Sync + ?Sized), n: usize) -> f64 {
    let is_over = AtomicBool::new(false);
    let work = |seed| {
        let mut rng = Rng::new(seed);
        while !is_over.load(Ordering::Relaxed) {
            hundred(allocator, &mut rng);
        }
    };
    let (n_failed, n_made) = thread::scope(|scope| {
        for seed in 0..2 {
            let work = &work;
            scope.spawn(move || work(seed));
        }
        let counts = fork_all(allocator, n);
        is_over.store(true, Ordering::Relaxed);
        counts
    });
    1000.0 * n_failed as f64 / n_made as f64
}

fn fork_all(allocator: &(impl GlobalAlloc + ?Sized), n: usize) -> (usize, usize) {
    let mut rng = Rng::new(2);
    let start = Instant::now();
    let mut n_failed = 0;
    for made in 1..=n {
        hundred(allocator, &mut rng);
        n_failed += usize::from(!survives(allocator, &mut rng));
        if start.elapsed() > LIMIT {
            return (n_failed, made);
        }
    }
    (n_failed, n)
}

/// Whether a child ends as it should.
fn survives(allocator: &(impl GlobalAlloc + ?Sized), rng: &mut Rng) -> bool {
    // SAFETY: the child calls nothing but the allocator, which is what is asked about, and functions
    // that are safe after a fork.
    match unsafe { libc::fork() } {
        0 => {
            // SAFETY: both are safe in the child of a process with threads.
            unsafe {
                libc::alarm(TIME_LIMIT);
                hundred(allocator, rng);
                libc::_exit(0)
            }
        }
        child => {
            let mut status = 0;
            // SAFETY: waits for the child that was made above, or fails if none was.
            unsafe { libc::waitpid(child, &mut status, 0) == child && status == 0 }
        }
    }
}

/// A hundred blocks, live together.
fn hundred(allocator: &(impl GlobalAlloc + ?Sized), rng: &mut Rng) {
    let blocks: [_; 100] = std::array::from_fn(|_| allocate(allocator, words(rng.within(SMALL))));
    blocks.into_iter().for_each(|block| free(allocator, block));
}
