//! Worker threads that start together, and the time that they take.

use std::sync::Barrier;
use std::time::Instant;

use crate::process::cpu_time;
use crate::together::together;

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
        Some(Span { start, end })
    };
    from_first_to_last(&together(n_threads, &work))
}

/// When a thread began to work and when it was done.
#[derive(Clone, Copy)]
struct Span {
    start: Instant,
    end: Instant,
}

fn from_first_to_last(spans: &[Option<Span>]) -> f64 {
    let spans = spans.iter().flatten();
    let start = spans.clone().map(|span| span.start).min();
    let end = spans.map(|span| span.end).max();
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
