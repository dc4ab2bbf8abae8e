//! What stays resident after a spike: four threads allocate 100 MiB each in blocks of 16 to 512
//! bytes and free them, all or most.

use std::alloc::GlobalAlloc;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use super::block::{Block, SMALL, allocate, free, words};
use super::rng::Rng;
use crate::process::resident;

const N_THREADS: usize = 4;
/// Blocks of the 100 MiB, on average, and some.
const N_BLOCKS: usize = (100 << 20) / 256;

/// What is freed, and what is done then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spike {
    /// One block in so many is kept; none if it is 0.
    pub(super) kept: usize,
    /// The threads sleep; otherwise each uses a hundred blocks every ten milliseconds.
    pub(super) asleep: bool,
    /// They free what they kept and end before memory is looked at.
    pub(super) gone: bool,
    /// One in so many blocks of the full spike is there at all, and the wait is shorter.
    pub(super) shrink: usize,
}

impl Spike {
    /// MiB resident beyond those before the spike, after a quiet time.
    pub(super) fn left(self, allocator: &(impl GlobalAlloc + Sync + ?Sized)) -> f64 {
        // The lists' own pages are resident before, and until the end.
        let mut lists: Vec<Vec<Block>> = (0..N_THREADS).map(|_| self.list(allocator)).collect();
        let before = resident();
        let barrier = Barrier::new(N_THREADS + 1);
        let mut start = before;
        let mut quiet = before;
        thread::scope(|scope| {
            for (index, list) in lists.iter_mut().enumerate() {
                let barrier = &barrier;
                scope.spawn(move || self.work(allocator, index, list, barrier));
            }
            barrier.wait();
            start = resident();
            barrier.wait();
            barrier.wait();
            self.idle(allocator);
            quiet = resident();
            barrier.wait();
        });
        if self.gone {
            self.idle(allocator);
            (start, quiet) = (before, resident());
        }
        quiet.saturating_sub(start) as f64 / f64::from(1 << 20)
    }

    fn list(self, allocator: &(impl GlobalAlloc + ?Sized)) -> Vec<Block> {
        let block = allocate(allocator, words(SMALL.start));
        let mut list = vec![block; N_BLOCKS * 2 / self.shrink];
        free(allocator, block);
        list.clear();
        list
    }

    fn work(
        self,
        allocator: &(impl GlobalAlloc + ?Sized),
        index: usize,
        live: &mut Vec<Block>,
        barrier: &Barrier,
    ) {
        let mut rng = Rng::new(index);
        barrier.wait();
        barrier.wait();
        let mut bytes = 0;
        while bytes < (100 << 20) / self.shrink && live.len() < live.capacity() {
            let size = rng.within(SMALL);
            let block = allocate(allocator, words(size));
            block.touch();
            live.push(block);
            bytes += size;
        }
        let mut n = 0;
        live.retain(|block| {
            n += 1;
            let stays = self.kept > 0 && n % self.kept == 0;
            if !stays {
                free(allocator, *block);
            }
            stays
        });
        barrier.wait();
        if !self.asleep {
            self.idle(allocator);
        }
        barrier.wait();
        live.drain(..).for_each(|block| free(allocator, block));
    }

    /// A few blocks now and then.
    fn idle(self, allocator: &(impl GlobalAlloc + ?Sized)) {
        let quiet = Duration::from_millis(if self.shrink == 1 { 3000 } else { 2000 });
        let start = Instant::now();
        while start.elapsed() < quiet {
            for _ in 0..100 {
                free(allocator, allocate(allocator, words(100)));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}
