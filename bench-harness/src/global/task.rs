//! One row at one number of threads: what a child process is asked.

use std::alloc::GlobalAlloc;
use std::time::Duration;

use bench_results::{Case, Suite};
use serde::{Deserialize, Serialize};

use super::batch::{Order, batches};
use super::block::{SMALL, aligned, words};
use super::spike::Spike;
use super::{
    Row, bigints, cubes, equal, forks, grow, grow_only, growth, larson, live, pair, phases,
    producer_consumer, sharing, thread_churn, trees, vectors,
};
use crate::output::Choice;

/// The factor by which `--quick` does less. Unit tests look at calls only, and do a tenth of that.
const SHORTER: usize = if cfg!(test) { 160 } else { 16 };

/// A row, by so many threads, in full or in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What is done.
    pub row: Row,
    /// By how many threads; 1 where the row has a number of its own.
    pub n_threads: u16,
    /// An eighth of the work or less.
    pub is_quick: bool,
}

impl Task {
    /// Those of `rows` at each of `threads` that makes sense for them.
    pub(super) fn all(rows: &[Row], threads: &[u16], is_quick: bool) -> Vec<Self> {
        let task = |row, n_threads| Self {
            row,
            n_threads,
            is_quick,
        };
        let tasks = rows.iter().flat_map(|&row| match row.fewest_threads() {
            None => vec![task(row, 1)],
            Some(fewest) => {
                let enough = threads.iter().filter(move |&&n| n >= fewest);
                enough.map(|&n| task(row, n)).collect()
            }
        });
        tasks.collect()
    }

    /// What is measured, in records: with the number of threads where there may be several.
    pub fn case(self) -> Case {
        let mut case = Case::new(Suite::Kernel, &self.row.name());
        if self.row.fewest_threads().is_some() {
            case = case.with("threads", self.n_threads);
        }
        case.shortened(self.is_quick)
    }

    /// How long the child may take at most.
    pub(super) fn time_limit(self) -> Duration {
        Duration::from_secs(if self.is_quick { 30 } else { 120 })
    }

    /// `n`, or less in short.
    pub(super) fn scaled(self, n: usize) -> usize {
        if self.is_quick {
            (n / SHORTER).max(1)
        } else {
            n
        }
    }

    /// The figure of `allocator`, in the row's unit; of [`Row::Instructions`] the time of what
    /// callgrind counts.
    pub(crate) fn run(self, allocator: &(impl GlobalAlloc + Sync)) -> f64 {
        let (a, t) = (allocator, usize::from(self.n_threads));
        // What is not timed, and what a program does, is compiled once and not for each allocator.
        let called: &(dyn GlobalAlloc + Sync) = allocator;
        let n = |n| self.scaled(n);
        let batches = |order| batches(a, t, n(4_000_000), order);
        match self.row {
            Row::Pair => pair::inline(a, t, n(pair::N_SMALL)),
            Row::PairCall | Row::Instructions => pair::behind_call(a, t, n(pair::N_SMALL)),
            Row::BatchLifo => batches(Order::Lifo),
            Row::BatchFifo => batches(Order::Fifo),
            Row::BatchRandom => batches(Order::Random),
            Row::Batches => equal::batches(a, t, n(16_000_000)),
            Row::Live200k => live::replace(a, t, n(2_000_000), n(200_000), SMALL),
            Row::Live1m => live::replace(a, t, n(2_000_000), n(1_000_000), SMALL),
            Row::Calloc => pair::zeroed(a, t, n(16_000)),
            Row::ReallocStep => grow::grow(a, t, n(800_000), &grow::by_steps()),
            Row::ReallocDouble => grow::grow(a, t, n(20_000), &grow::by_doubling()),
            Row::Aligned => pair::of(a, t, n(8_000_000), aligned(128, 64)),
            Row::Medium => live::replace(a, t, n(4_000_000), 64 * t, 2_048..20_481),
            Row::Large => pair::of(a, t, n(200_000), words(300 << 10)),
            Row::Huge => pair::of(a, t, n(20_000), words(8 << 20)),
            Row::Trees => trees::trees(called, t, n(1_200_000)),
            Row::Phases => phases::phases(called, t, n(16)),
            Row::GrowOnly => grow_only::grow_only(called, t, n(3_000_000)),
            Row::Vectors => vectors::vectors(called, t, n(100_000)),
            Row::Bigints => bigints::bigints(called, t, n(1_500_000)),
            Row::Cubes => cubes::cubes(called, t, n(3_000_000)),
            Row::Larson => larson::larson(a, t, n(8_000_000)),
            Row::ProducerConsumer => producer_consumer::around(a, t, n(4_000_000)),
            Row::Asymmetric => producer_consumer::one_way(a, t, n(4_000_000)),
            Row::ThreadChurn => thread_churn::thread_churn(a, t, n(4_000)),
            Row::FalseSharing => sharing::sharing(a, t, n(2_000_000)),
            Row::SpikeFreed => self.spike(0, false, false).left(called),
            Row::SpikeKept => self.spike(16, false, false).left(called),
            Row::SpikeGone => self.spike(16, false, true).left(called),
            Row::SpikeAsleep => self.spike(0, true, false).left(called),
            Row::Dense => growth::dense(called, n(10_000_000)),
            Row::Classes => growth::classes(called),
            Row::Idle => growth::idle(called),
            Row::Births => growth::after_thread_churn(called, n(100_000)),
            Row::Forks => forks::failures(called, n(1_000)),
        }
    }

    fn spike(self, kept: usize, asleep: bool, gone: bool) -> Spike {
        Spike {
            kept,
            asleep,
            gone,
            shrink: if self.is_quick { 16 } else { 1 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::alloc::{Layout, System};
    use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

    #[test]
    fn a_row_is_asked_at_each_number_of_threads_that_makes_sense() {
        let rows = [Row::Pair, Row::Larson, Row::Dense];
        let tasks = Task::all(&rows, &[1, 2, 4], false);
        let labels: Vec<String> = tasks.iter().map(|task| task.case().to_string()).collect();
        let expected = [
            "pair threads=1",
            "pair threads=2",
            "pair threads=4",
            "larson threads=2",
            "larson threads=4",
            "dense",
        ];
        assert_eq!(labels, expected);
    }

    /// What is asked of an allocator, which gets it from the system in blocks that are so much longer.
    #[derive(Default)]
    struct Counted {
        longer: usize,
        live: AtomicIsize,
        n_calls: AtomicUsize,
        /// Of the sizes in their order, if one thread calls.
        digest: AtomicUsize,
    }

    impl Counted {
        fn real(&self, layout: Layout) -> Layout {
            let size = layout.size() + self.longer;
            Layout::from_size_align(size, layout.align()).unwrap()
        }
    }

    // SAFETY: the system's, and what only counts.
    unsafe impl GlobalAlloc for Counted {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            self.live
                .fetch_add(layout.size() as isize, Ordering::Relaxed);
            self.n_calls.fetch_add(1, Ordering::Relaxed);
            let digest = self.digest.load(Ordering::Relaxed);
            let digest = digest.wrapping_mul(31).wrapping_add(layout.size());
            self.digest.store(digest, Ordering::Relaxed);
            // SAFETY: the caller's promise.
            unsafe { System.alloc(self.real(layout)) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            self.live
                .fetch_sub(layout.size() as isize, Ordering::Relaxed);
            // SAFETY: the caller's promise.
            unsafe { System.dealloc(block, self.real(layout)) }
        }
    }

    fn timed(threads: &[u16]) -> Vec<Task> {
        let rows = Row::all().iter().copied();
        let rows: Vec<Row> = rows.filter(|row| row.fewest_threads().is_some()).collect();
        Task::all(&rows, threads, true)
    }

    /// The sum of bytes must be freed as it was allocated.
    #[test]
    fn every_timed_row_frees_what_it_allocates() {
        for task in timed(&[1, 2, 3]) {
            let counted = Counted::default();
            let nanos = task.run(&counted);
            assert!(nanos > 0.0, "{task:?}: {nanos}");
            assert!(counted.n_calls.into_inner() > 16, "{task:?}");
            assert_eq!(counted.live.into_inner(), 0, "{task:?}");
        }
    }

    #[test]
    fn a_row_makes_the_same_calls_wherever_its_blocks_are() {
        for task in timed(&[1]) {
            let calls = [0, 48].map(|longer| {
                let counted = Counted {
                    longer,
                    ..Counted::default()
                };
                task.run(&counted);
                let Counted {
                    n_calls, digest, ..
                } = counted;
                (n_calls.into_inner(), digest.into_inner())
            });
            assert_eq!(calls[0], calls[1], "{task:?}");
        }
    }
}
