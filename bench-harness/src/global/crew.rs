//! Threads that begin together, and how long they take.

use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use crate::process::cpu_time;

/// Nanoseconds of `run` on what `prepare` made for each of `n_threads`; `finish` is not timed.
///
/// One thread is the main one, and its time is CPU time; of several it is that from the first one's
/// start to the last one's end.
pub(super) fn time<S>(
    n_threads: usize,
    prepare: impl Fn(usize) -> S + Sync,
    run: impl Fn(&mut S) + Sync,
    finish: impl Fn(S) + Sync,
) -> f64 {
    if n_threads == 1 {
        let mut state = prepare(0);
        let start = cpu_time();
        run(&mut state);
        let time = cpu_time() - start;
        finish(state);
        return time.as_nanos() as f64;
    }
    let barrier = Barrier::new(n_threads);
    let work = |index| {
        let mut state = prepare(index);
        barrier.wait();
        let start = Instant::now();
        run(&mut state);
        let end = Instant::now();
        barrier.wait();
        finish(state);
        (start, end)
    };
    let spans: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let work = &work;
        let crew: Vec<_> = (0..n_threads)
            .map(|index| scope.spawn(move || work(index)))
            .collect();
        crew.into_iter().filter_map(|one| one.join().ok()).collect()
    });
    let start = spans.iter().map(|(start, _)| *start).min();
    let end = spans.iter().map(|(_, end)| *end).max();
    start.zip(end).map_or(f64::NAN, |(start, end)| {
        end.duration_since(start).as_nanos() as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn every_thread_prepares_runs_and_finishes_once() {
        for n_threads in [1, 3] {
            let (sum, n_finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let nanos = time(
                n_threads,
                |index| index + 1,
                |state| {
                    sum.fetch_add(*state, Ordering::Relaxed);
                },
                |_| {
                    n_finished.fetch_add(1, Ordering::Relaxed);
                },
            );
            assert!(nanos > 0.0 || n_threads == 1);
            assert_eq!(sum.into_inner(), n_threads * (n_threads + 1) / 2);
            assert_eq!(n_finished.into_inner(), n_threads);
        }
    }
}
