//! A lock that sleeps in the kernel while it waits.

use core::sync::atomic::{AtomicUsize, Ordering};

use core_api::{RawLock, check_wait, thread};

use crate::os;

/// What the lock has for a holder while it has none.
const OPEN: usize = 0;
/// Added to the holder, whose number is even, when a thread may sleep.
const AWAITED: usize = 1;

/// How often a thread looks again before it goes to sleep.
const SPINS: u32 = 100;

/// A mutex of one word on `futex(2)`: the second of Ulrich Drepper's *Futexes Are Tricky* (2011),
/// with a short spin before the first sleep.
///
/// A spin lock would do while the holder runs; this heap's holder may be inside `munmap`, or have
/// lost its processor. A thread that waits for itself ends the process with a line where
/// [threads can be told apart](thread::IS_KNOWN).
///
/// ```
/// use core_api::Locked;
/// static COUNT: Locked<u32, mmap_backed::FutexLock> = Locked::new(0);
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         // SAFETY: a number has no blocks.
///         scope.spawn(|| unsafe { COUNT.with_mut(|count| *count += 1) });
///     }
/// });
/// assert_eq!(COUNT.inspect(|count| *count), 4);
/// ```
#[derive(Debug)]
pub struct FutexLock {
    /// The thread that has the lock, or [`OPEN`]; and [`AWAITED`].
    state: AtomicUsize,
}

impl FutexLock {
    #[cold]
    fn acquire_slow(&self, own: usize) {
        for _ in 0..SPINS {
            if self.state.load(Ordering::Relaxed) == OPEN && self.exchange(OPEN, own) {
                return;
            }
            core::hint::spin_loop();
        }
        loop {
            let state = self.state.load(Ordering::Relaxed);
            if state == OPEN {
                // Others may sleep as well: whoever slept cannot know.
                if self.exchange(OPEN, own | AWAITED) {
                    return;
                }
                continue;
            }
            check_wait(own, state & !AWAITED);
            let awaited = state | AWAITED;
            if state == awaited || self.exchange(state, awaited) {
                os::wait(&self.state, awaited);
            }
        }
    }

    #[inline]
    fn exchange(&self, expected: usize, new: usize) -> bool {
        self.state
            .compare_exchange(expected, new, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }
}

// SAFETY: `acquire` returns only to the thread whose exchange found `OPEN`, which only `release`
// writes; the Acquire exchanges pair with its Release. No call into the OS unwinds or allocates.
unsafe impl RawLock for FutexLock {
    const UNLOCKED: Self = Self {
        state: AtomicUsize::new(OPEN),
    };

    #[inline]
    fn acquire(&self) {
        let own = thread::current();
        if !self.exchange(OPEN, own) {
            self.acquire_slow(own);
        }
    }

    #[inline]
    unsafe fn release(&self) {
        if self.state.swap(OPEN, Ordering::Release) & AWAITED != 0 {
            os::wake_one(&self.state);
        }
    }
}

/// The lock of the process's heap: a [`FutexLock`] that is left open while the process has one thread.
///
/// Nobody can come in then, and the two atomic exchanges would cost more than the work between them.
/// The C library says whether there is one thread, as it does for its own `malloc`. What runs inside
/// must therefore start no thread, or call [`close`](Self::close) before.
#[derive(Debug)]
pub(crate) struct ProcessLock(FutexLock);

impl ProcessLock {
    /// From now on the lock is taken however many threads there are.
    pub(crate) fn close() {
        os::forget_thread_count();
    }
}

// SAFETY: one thread at a time is inside: either the futex lock sees to it, or there is only one, and
// what it does inside starts no other. A release finds the futex lock open only if its acquire left it
// so: a lock that is held is opened by its holder alone.
unsafe impl RawLock for ProcessLock {
    const UNLOCKED: Self = Self(FutexLock::UNLOCKED);

    #[inline]
    fn acquire(&self) {
        if !os::has_one_thread() {
            self.0.acquire();
        }
    }

    #[inline]
    unsafe fn release(&self) {
        if self.0.state.load(Ordering::Relaxed) != OPEN {
            // SAFETY: this thread is inside and the futex lock is held, hence held by it.
            unsafe { self.0.release() }
        }
    }
}

#[cfg(test)]
mod tests {
    use core::sync::atomic::AtomicU8;

    use super::*;

    /// One test, since what is counted is the process's.
    #[test]
    fn the_lock_stays_open_while_there_is_one_thread() {
        static FLAG: AtomicU8 = AtomicU8::new(1);
        let lock = ProcessLock::UNLOCKED;
        let state = || lock.0.state.load(Ordering::Relaxed);
        let held = thread::current();
        let states = || {
            lock.acquire();
            let inside = state();
            // SAFETY: acquired just now.
            unsafe { lock.release() };
            (inside, state())
        };
        assert_eq!(states(), (held, OPEN), "nobody knows");
        os::ask_for_one_thread(core::ptr::from_ref(&FLAG).cast_mut());
        assert_eq!(states(), (OPEN, OPEN), "one thread");
        FLAG.store(0, Ordering::Relaxed);
        assert_eq!(states(), (held, OPEN), "more");
        lock.acquire();
        FLAG.store(1, Ordering::Relaxed);
        // SAFETY: acquired while there were more.
        unsafe { lock.release() };
        assert_eq!(state(), OPEN, "what was held is opened");
        ProcessLock::close();
        assert_eq!(states(), (held, OPEN), "closed");
    }
}
