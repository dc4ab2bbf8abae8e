//! Threads that do one piece of work each, at the same time.

use std::thread;

/// Runs `work` on `n_threads` threads, each with its number, and returns the results in the order of the numbers. The
/// result of a thread that panics is the default.
///
/// `work` is a `dyn Fn`, so that starting and joining is compiled once and not for each allocator. No measured time is
/// spent there.
pub(crate) fn together<T: Default + Send>(
    n_threads: usize,
    work: &(dyn Fn(usize) -> T + Sync),
) -> Vec<T> {
    thread::scope(|scope| {
        let start = |number| scope.spawn(move || work(number));
        let threads: Vec<_> = (0..n_threads).map(start).collect();
        let end = |thread: thread::ScopedJoinHandle<'_, T>| thread.join().unwrap_or_default();
        threads.into_iter().map(end).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thread_gets_its_number_and_one_that_panics_gives_the_default() {
        let work = |number| match number {
            1 => panic!("as it should"),
            _ => number + 1,
        };
        assert_eq!(together(3, &work), [1, 0, 3]);
        assert_eq!(together(0, &work), [0; 0]);
    }
}
