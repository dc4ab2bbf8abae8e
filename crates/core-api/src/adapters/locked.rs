//! [`Locked`]: several threads share an allocator under one lock.

use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::ptr::NonNull;

use super::{DefaultLock, RawLock};
use crate::fatal::without_unwinding;
use crate::{AllocError, Allocator, Reclaims};

/// An allocator behind a lock: usable from a static, from several threads, and as
/// `#[global_allocator]`.
///
/// The default lock depends on the target: see [`DefaultLock`]. Every call forwards to the inner allocator's own
/// method, including growing and zeroed allocation.
///
/// A thread that re-enters while it holds the lock ends the process with a line, if the lock knows its
/// holder. This happens when a source, a panic or a signal handler allocates. A panic that would leave the
/// allocator also ends the process.
#[derive(Debug)]
pub struct Locked<A, R = DefaultLock> {
    lock: R,
    inner: UnsafeCell<A>,
}

// SAFETY: only `enter`, which holds the lock, and methods with `&mut self` or `self` reach the inner value.
// So one thread at a time uses it, which `A: Send` allows.
unsafe impl<A: Send, R: RawLock + Sync> Sync for Locked<A, R> {}

impl<A, R: RawLock> Locked<A, R> {
    /// Puts `allocator` behind an open lock.
    pub const fn new(allocator: A) -> Self {
        Self {
            lock: R::UNLOCKED,
            inner: UnsafeCell::new(allocator),
        }
    }

    /// Returns the allocator; the compiler checks that nothing shares it.
    pub fn get_mut(&mut self) -> &mut A {
        self.inner.get_mut()
    }

    /// Unwraps the allocator.
    pub fn into_inner(self) -> A {
        self.inner.into_inner()
    }

    /// Returns the lock, for handlers that must hold it during a `fork`.
    pub const fn lock(&self) -> &R {
        &self.lock
    }

    /// Calls `look` with the allocator while it holds the lock. `look` must not allocate from this allocator:
    /// the lock is not re-entrant.
    pub fn inspect<T>(&self, look: impl FnOnce(&A) -> T) -> T {
        self.enter(|inner| look(inner))
    }

    /// Calls `run` with the allocator while it holds the lock, for a stage's methods beyond the traits, such
    /// as giving memory back. The lock is not re-entrant here either.
    ///
    /// # Safety
    ///
    /// `run` leaves the allocator and its live blocks in place: it does not move the value out,
    /// replace the value or reset it.
    pub unsafe fn with_mut<T>(&self, run: impl FnOnce(&mut A) -> T) -> T {
        self.enter(run)
    }

    /// Runs the program's own code on the allocator. The code may unwind.
    #[inline]
    fn enter<T>(&self, run: impl FnOnce(&mut A) -> T) -> T {
        let _held = Held::new(&self.lock);
        // SAFETY: the lock is held until the end of the scope, so this is the only reference.
        run(unsafe { &mut *self.inner.get() })
    }

    /// Runs a method of the allocator. The method must not unwind.
    #[inline]
    pub(super) fn with<T>(&self, run: impl FnOnce(&mut A) -> T) -> T {
        self.enter(|inner| without_unwinding(|| run(inner)))
    }

    #[inline]
    pub(super) fn try_with<T>(
        &self,
        run: impl FnOnce(&mut A) -> Result<T, AllocError>,
    ) -> Result<T, AllocError> {
        self.with(run)
    }
}

/// A held lock; dropping it releases the lock, even if an `inspect` closure unwinds.
struct Held<'a, R: RawLock>(&'a R);

impl<'a, R: RawLock> Held<'a, R> {
    #[inline]
    fn new(lock: &'a R) -> Self {
        lock.acquire();
        Self(lock)
    }
}

impl<R: RawLock> Drop for Held<'_, R> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `new` acquired the lock in this thread.
        unsafe { self.0.release() }
    }
}

super::forward::forward_allocator!(Locked<A, R>, R: RawLock);
