//! The locks that [`Locked`](super::Locked) can use.

/// Mutual exclusion, as little of it as an allocator needs.
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

#[cfg(target_has_atomic = "8")]
mod spin {
    use core::sync::atomic::{AtomicBool, Ordering};

    use super::RawLock;

    /// A test-and-test-and-set spin lock: one byte, no OS, no fairness.
    ///
    /// Right for short critical sections; on a single core with interrupts or fixed thread
    /// priorities use a critical section instead.
    #[derive(Debug)]
    pub struct SpinLock {
        held: AtomicBool,
    }

    // SAFETY: only the thread whose exchange turned `held` from false to true returns from
    // `acquire`; Acquire pairs with the Release store.
    unsafe impl RawLock for SpinLock {
        const UNLOCKED: Self = Self {
            held: AtomicBool::new(false),
        };

        #[inline]
        fn acquire(&self) {
            while self
                .held
                .compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed)
                .is_err()
            {
                while self.held.load(Ordering::Relaxed) {
                    core::hint::spin_loop();
                }
            }
        }

        #[inline]
        unsafe fn release(&self) {
            self.held.store(false, Ordering::Release);
        }
    }
}

#[cfg(target_has_atomic = "8")]
pub use spin::SpinLock;

/// Any lock of the `lock_api` family: `parking_lot::RawMutex`, `spin`'s, an OS's own.
#[cfg(feature = "lock_api")]
#[derive(Debug)]
pub struct LockApi<R>(R);

#[cfg(feature = "lock_api")]
// SAFETY: `lock_api::RawMutex` promises exclusion.
unsafe impl<R: lock_api::RawMutex> RawLock for LockApi<R> {
    const UNLOCKED: Self = Self(R::INIT);

    #[inline]
    fn acquire(&self) {
        self.0.lock();
    }

    #[inline]
    unsafe fn release(&self) {
        // SAFETY: the caller holds the lock.
        unsafe { self.0.unlock() }
    }
}

/// The target's critical section: on a microcontroller, interrupts off.
#[cfg(feature = "critical-section")]
pub struct CriticalSection {
    restore: core::cell::UnsafeCell<critical_section::RestoreState>,
}

#[cfg(feature = "critical-section")]
// SAFETY: `restore` is touched only inside the critical section.
unsafe impl Sync for CriticalSection {}

#[cfg(feature = "critical-section")]
// SAFETY: a critical section excludes every other one in the program.
unsafe impl RawLock for CriticalSection {
    const UNLOCKED: Self = Self {
        restore: core::cell::UnsafeCell::new(critical_section::RestoreState::invalid()),
    };

    #[inline]
    fn acquire(&self) {
        // SAFETY: `release` ends the section; `Locked` calls the two in pairs and never nests them.
        unsafe { *self.restore.get() = critical_section::acquire() }
    }

    #[inline]
    unsafe fn release(&self) {
        // SAFETY: the caller is inside the section that `acquire` began.
        unsafe { critical_section::release(*self.restore.get()) }
    }
}
