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

#[cfg(feature = "critical-section")]
mod section {
    use core::cell::{Cell, UnsafeCell};

    use critical_section::RestoreState;

    use super::RawLock;
    use crate::{Misuse, fatal};

    /// The target's critical section: on a microcontroller, interrupts off.
    ///
    /// Critical sections nest, locks must not: a call from within another one (only possible from
    /// the closure of [`Locked::inspect`](crate::Locked::inspect)) ends the process.
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
