//! Locks whose waiting threads sleep in the kernel.

use core::sync::atomic::{AtomicUsize, Ordering};

use core_api::fatal::check_wait;
use core_api::{RawLock, thread};

/// The state while no thread holds the lock.
const OPEN: usize = 0;
/// The bit that says that a thread may sleep on the lock. The holder's number is even.
const AWAITED: usize = 1;

/// How often a thread tries again before it sleeps.
const SPINS: u32 = 100;

/// A mutex of one word on `futex(2)`: the second one in Ulrich Drepper's *Futexes Are Tricky* (2011),
/// with a short spin before the first sleep.
///
/// A spin lock would suffice if the holder always ran; but this heap's holder may be inside `munmap`, or the
/// system may have preempted it. A thread that waits for itself ends the process with a line, if the target
/// [can tell threads apart](thread::IS_KNOWN).
///
/// ```
/// use core_api::Locked;
/// static COUNT: Locked<u32, mmap_backed::FutexLock> = Locked::new(0);
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         // SAFETY: `u32` is no allocator, so there are no blocks to keep in place.
///         scope.spawn(|| unsafe { COUNT.with_mut(|count| *count += 1) });
///     }
/// });
/// assert_eq!(COUNT.inspect(|count| *count), 4);
/// ```
#[derive(Debug)]
pub struct FutexLock {
    /// The number of the thread that holds the lock, or [`OPEN`]; plus [`AWAITED`].
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
                // Other threads may sleep as well, and this one cannot know.
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

// SAFETY: `acquire` returns only in the thread whose exchange found `OPEN`, which only `release` writes. The
// Acquire exchanges pair with the Release swap. No call into the OS unwinds or allocates.
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

/// The lock of the process's heap: a [`FutexLock`] that stays open while the process has one thread.
///
/// No other thread can enter then, and the two atomic exchanges would cost more than the work between them.
/// The C library knows whether there is one thread, and uses this for its own `malloc`. Code that runs while
/// the lock is held must therefore start no thread, or call [`close`](Self::close) before.
#[derive(Debug)]
pub(crate) struct ProcessLock(FutexLock);

impl ProcessLock {
    /// Makes every later `acquire` take the lock, even if the process has one thread.
    pub(crate) fn close() {
        os::forget_flag();
    }
}

// SAFETY: only one thread at a time is inside. Either it holds the futex lock, or it is the only thread and
// starts no other one while it is inside. `release` finds the futex lock open only if its own `acquire` left
// it open, because only the holder opens a held lock.
unsafe impl RawLock for ProcessLock {
    const UNLOCKED: Self = Self(FutexLock::UNLOCKED);

    #[inline]
    fn acquire(&self) {
        if !os::is_single_threaded() {
            self.0.acquire();
        }
    }

    #[inline]
    unsafe fn release(&self) {
        if self.0.state.load(Ordering::Relaxed) != OPEN {
            // SAFETY: the futex lock is held and this thread is inside, so this thread holds it.
            unsafe { self.0.release() }
        }
    }
}

#[cfg(test)]
mod tests {
    use core::sync::atomic::AtomicU8;

    use super::*;

    /// One test, because the count of threads belongs to the process.
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
        os::set_flag(&FLAG);
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
