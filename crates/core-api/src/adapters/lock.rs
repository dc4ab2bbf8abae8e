//! The locks that [`Locked`](super::Locked) can use.

/// A lock with only the methods that an allocator needs.
///
/// A lock that knows its holder calls [`check_wait`](crate::fatal::check_wait) before it waits, so that a
/// thread that re-enters ends the process instead of waiting for itself.
///
/// # Safety
///
/// Between a return from `acquire` and the next `release`, no other call of `acquire` returns, on
/// any thread or in any interrupt. Writes before `release` are visible after the next `acquire`.
/// Neither method unwinds or allocates.
pub unsafe trait RawLock {
    /// A lock without a holder.
    const UNLOCKED: Self;

    /// Waits until the lock is free and takes it.
    fn acquire(&self);

    /// Releases the lock.
    ///
    /// # Safety
    ///
    /// The caller holds the lock.
    unsafe fn release(&self);
}

/// The lock of a [`Locked`](super::Locked) that names none: `SpinLock` where the target has compare-and-swap on a
/// pointer, else `CriticalSection` if the feature `critical-section` is on, else a type that does not compile once
/// it is used.
#[cfg(target_has_atomic = "ptr")]
pub type DefaultLock = SpinLock;

/// The lock of a [`Locked`](super::Locked) that names none.
#[cfg(all(not(target_has_atomic = "ptr"), feature = "critical-section"))]
pub type DefaultLock = CriticalSection;

/// The lock of a [`Locked`](super::Locked) that names none.
#[cfg(not(any(target_has_atomic = "ptr", feature = "critical-section")))]
pub type DefaultLock = missing::MissingLock;

#[cfg(not(any(target_has_atomic = "ptr", feature = "critical-section")))]
mod missing {
    use core::marker::PhantomData;

    use super::RawLock;

    /// The default lock of a target without compare-and-swap: to use it is a compile error. The parameter delays the
    /// error until then.
    #[derive(Debug)]
    pub struct MissingLock<T = ()>(PhantomData<T>);

    // SAFETY: no value of the type can be made, so no method is called.
    unsafe impl<T> RawLock for MissingLock<T> {
        const UNLOCKED: Self = panic!(
            "no compare-and-swap on this target: enable core-api's feature `critical-section`, or name a lock"
        );

        fn acquire(&self) {}

        unsafe fn release(&self) {}
    }
}

/// The value of `holder` while no thread holds the lock.
#[cfg(any(target_has_atomic = "ptr", feature = "lock_api"))]
const OPEN: usize = 0;

#[cfg(target_has_atomic = "ptr")]
mod spin {
    use core::sync::atomic::{AtomicUsize, Ordering};

    use super::{OPEN, RawLock};
    use crate::fatal::check_wait;
    use crate::thread;

    /// A test-and-test-and-set spin lock: one word, no OS, no fairness.
    ///
    /// It suits short critical sections. On a single core with interrupts or fixed thread priorities, use a
    /// critical section instead. A thread that waits for itself ends the process with a line, if the target
    /// [can tell threads apart](thread::IS_KNOWN).
    #[derive(Debug)]
    pub struct SpinLock {
        /// The thread that holds the lock, or [`OPEN`].
        holder: AtomicUsize,
    }

    // SAFETY: only the thread whose exchange found `OPEN` returns from `acquire`; the Acquire exchange pairs
    // with the Release store.
    unsafe impl RawLock for SpinLock {
        const UNLOCKED: Self = Self {
            holder: AtomicUsize::new(OPEN),
        };

        /// Acquires the lock. The wait is inlined, too: for a call, however rare, the compiler would save
        /// registers each time.
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
    use crate::fatal::check_wait;
    use crate::thread;

    /// Any lock of the `lock_api` family: that of the crate `spin`, or the OS's own.
    ///
    /// A lock that guards the global allocator must not allocate. `parking_lot`'s lock does, when a thread
    /// waits for the first time.
    #[derive(Debug)]
    pub struct LockApi<R> {
        lock: R,
        /// The thread that holds the lock, or [`OPEN`].
        holder: AtomicUsize,
    }

    // SAFETY: `lock_api::RawMutex` promises mutual exclusion and the ordering.
    unsafe impl<R: RawMutex> RawLock for LockApi<R> {
        const UNLOCKED: Self = Self {
            lock: R::INIT,
            holder: AtomicUsize::new(OPEN),
        };

        /// Acquires the lock. `holder` needs no ordering: a thread finds its own number there only if it wrote
        /// the number itself.
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
    /// Critical sections nest, but locks must not: a call from within another one, by a source or by the
    /// closure of [`Locked::inspect`](crate::Locked::inspect), ends the process.
    pub struct CriticalSection {
        is_held: Cell<bool>,
        restore: UnsafeCell<RestoreState>,
    }

    // SAFETY: the methods access both fields only inside the critical section.
    unsafe impl Sync for CriticalSection {}

    // SAFETY: a critical section excludes every other thread and interrupt; `is_held` excludes the
    // thread that is in it already.
    unsafe impl RawLock for CriticalSection {
        const UNLOCKED: Self = Self {
            is_held: Cell::new(false),
            restore: UnsafeCell::new(RestoreState::invalid()),
        };

        #[inline]
        fn acquire(&self) {
            // SAFETY: `release` ends the section. The calls come in pairs, and a nested call ends the process
            // below.
            let restore = unsafe { critical_section::acquire() };
            if self.is_held.replace(true) {
                fatal(Misuse::Reentered);
            }
            // SAFETY: this thread holds the lock, and only the holder accesses the state.
            unsafe { *self.restore.get() = restore };
        }

        #[inline]
        unsafe fn release(&self) {
            self.is_held.set(false);
            // SAFETY: the caller holds the lock, so it is inside the section that `acquire` began, and the state is
            // the one that `acquire` stored.
            unsafe { critical_section::release(*self.restore.get()) }
        }
    }
}

#[cfg(feature = "critical-section")]
pub use section::CriticalSection;
