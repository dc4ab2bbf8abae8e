//! A lock that sleeps in the kernel while it waits.

use core::sync::atomic::{AtomicU32, Ordering};

use core_api::RawLock;

use crate::os;

const OPEN: u32 = 0;
const HELD: u32 = 1;
/// Held, and somebody may sleep.
const AWAITED: u32 = 2;

/// How often a thread looks again before it goes to sleep.
const SPINS: u32 = 100;

/// A mutex of one word on `futex(2)`: the second of Ulrich Drepper's *Futexes Are Tricky* (2011),
/// with a short spin before the first sleep.
///
/// A spin lock would do while the holder runs; this heap's holder may be inside `munmap`, or have
/// lost its processor.
#[derive(Debug)]
pub struct FutexLock {
    state: AtomicU32,
}

impl FutexLock {
    #[cold]
    fn acquire_slow(&self) {
        for _ in 0..SPINS {
            if self.state.load(Ordering::Relaxed) == OPEN && self.try_acquire() {
                return;
            }
            core::hint::spin_loop();
        }
        while self.state.swap(AWAITED, Ordering::Acquire) != OPEN {
            os::wait(&self.state, AWAITED);
        }
    }

    #[inline]
    fn try_acquire(&self) -> bool {
        self.state
            .compare_exchange(OPEN, HELD, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }
}

// SAFETY: `acquire` returns only to the thread whose exchange found `OPEN`, which only `release`
// writes; the Acquire exchanges pair with its Release. No call into the OS unwinds or allocates.
unsafe impl RawLock for FutexLock {
    const UNLOCKED: Self = Self {
        state: AtomicU32::new(OPEN),
    };

    #[inline]
    fn acquire(&self) {
        if !self.try_acquire() {
            self.acquire_slow();
        }
    }

    #[inline]
    unsafe fn release(&self) {
        if self.state.swap(OPEN, Ordering::Release) == AWAITED {
            os::wake_one(&self.state);
        }
    }
}
