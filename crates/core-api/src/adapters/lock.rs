//! The locks that [`Locked`](super::Locked) can use.

/// Mutual exclusion, as little of it as an allocator needs.
///
/// A lock that knows its holder calls [`check_wait`](crate::check_wait) before it waits, so that a
/// thread which comes back ends the process instead of waiting for itself.
///
/// # Safety
///
/// Between a return from `acquire` and the next `release`, no other call of `acquire` returns, on
/// any thread or in any interrupt; what was written before `release` is seen after the next
/// `acquire`. Neither method unwinds or allocates.
pub unsafe trait RawLock {
    /// A lock nobody holds.
    const UNLOCKED: Self;

    /// Waits until the lock is free and takes it.
    fn acquire(&self);

    /// Gives the lock back.
    ///
    /// # Safety
    ///
    /// The caller holds the lock.
    unsafe fn release(&self);
}

/// What a lock has for a holder while it has none.
#[cfg(any(target_has_atomic = "ptr", feature = "lock_api"))]
const OPEN: usize = 0;

#[cfg(target_has_atomic = "ptr")]
mod spin {
    use core::sync::atomic::{AtomicUsize, Ordering};

    use super::{OPEN, RawLock};
    use crate::{check_wait, thread};

    /// A test-and-test-and-set spin lock: one word, no OS, no fairness.
    ///
    /// Right for short critical sections; on a single core with interrupts or fixed thread
    /// priorities use a critical section instead. A thread that waits for itself ends the process
    /// with a line where [threads can be told apart](thread::IS_KNOWN).
    #[derive(Debug)]
    pub struct SpinLock {
        /// The thread that has the lock, or [`OPEN`].
        holder: AtomicUsize,
    }

    // SAFETY: only the thread whose exchange found `OPEN` returns from `acquire`; Acquire pairs with
    // the Release store.
    unsafe impl RawLock for SpinLock {
        const UNLOCKED: Self = Self {
            holder: AtomicUsize::new(OPEN),
        };

        /// In line as a whole: a call, however rare, would have registers saved for it each time.
        #[inline]
        fn acquire(&self) {
            let own = thread::current();
            while self
                .holder
                .compare_exchange_weak(OPEN, own, Ordering::Acquire, Ordering::Relaxed)
                .is_err()
            {
                loop {
                    let holder = self.holder.load(Ordering::Relaxed);
                    if holder == OPEN {
                        break;
                    }
                    check_wait(own, holder);
                    core::hint::spin_loop();
                }
            }
        }

        #[inline]
        unsafe fn release(&self) {
            self.holder.store(OPEN, Ordering::Release);
        }
    }
}

#[cfg(target_has_atomic = "ptr")]
pub use spin::SpinLock;

#[cfg(feature = "lock_api")]
mod foreign {
    use core::sync::atomic::{AtomicUsize, Ordering};

    use lock_api::RawMutex;

    use super::{OPEN, RawLock};
    use crate::{check_wait, thread};

    /// Any lock of the `lock_api` family: `spin`'s, an OS's own.
    ///
    /// The lock must not allocate where it guards the global allocator. That of `parking_lot` does,
    /// when a thread waits for the first time.
    #[derive(Debug)]
    pub struct LockApi<R> {
        lock: R,
        /// The thread that has the lock, or [`OPEN`].
        holder: AtomicUsize,
    }

    // SAFETY: `lock_api::RawMutex` promises exclusion.
    unsafe impl<R: RawMutex> RawLock for LockApi<R> {
        const UNLOCKED: Self = Self {
            lock: R::INIT,
            holder: AtomicUsize::new(OPEN),
        };

        /// A thread finds its own number only if it wrote it, so that no order is needed.
        #[inline]
        fn acquire(&self) {
            let own = thread::current();
            if !self.lock.try_lock() {
                check_wait(own, self.holder.load(Ordering::Relaxed));
                self.lock.lock();
            }
            self.holder.store(own, Ordering::Relaxed);
        }

        #[inline]
        unsafe fn release(&self) {
            self.holder.store(OPEN, Ordering::Relaxed);
            // SAFETY: the caller holds the lock.
            unsafe { self.lock.unlock() }
        }
    }
}

#[cfg(feature = "lock_api")]
pub use foreign::LockApi;

#[cfg(feature = "critical-section")]
mod section {
    use core::cell::{Cell, UnsafeCell};

    use critical_section::RestoreState;

    use super::RawLock;
    use crate::{Misuse, fatal};

    /// The target's critical section: on a microcontroller, interrupts off.
    ///
    /// Critical sections nest, locks must not: a call from within another one, by a source or by the
    /// closure of [`Locked::inspect`](crate::Locked::inspect), ends the process.
    pub struct CriticalSection {
        is_held: Cell<bool>,
        restore: UnsafeCell<RestoreState>,
    }

    // SAFETY: both fields are touched only inside the critical section.
    unsafe impl Sync for CriticalSection {}

    // SAFETY: a critical section excludes every other thread and interrupt, and `is_held` the
    // thread that is in it already.
    unsafe impl RawLock for CriticalSection {
        const UNLOCKED: Self = Self {
            is_held: Cell::new(false),
            restore: UnsafeCell::new(RestoreState::invalid()),
        };

        #[inline]
        fn acquire(&self) {
            // SAFETY: `release` ends the section; the two are called in pairs and do not nest, or
            // the process ends here.
            let restore = unsafe { critical_section::acquire() };
            if self.is_held.replace(true) {
                fatal(Misuse::Reentered);
            }
            // SAFETY: only who holds the lock touches the state.
            unsafe { *self.restore.get() = restore };
        }

        #[inline]
        unsafe fn release(&self) {
            self.is_held.set(false);
            // SAFETY: the caller is inside the section that `acquire` began with this state.
            unsafe { critical_section::release(*self.restore.get()) }
        }
    }
}

#[cfg(feature = "critical-section")]
pub use section::CriticalSection;
