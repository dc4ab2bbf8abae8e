//! Several threads share an allocator under one lock.

use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::ptr::NonNull;

use super::RawLock;
#[cfg(target_has_atomic = "ptr")]
use super::lock::SpinLock;
use crate::fatal::without_unwinding;
use crate::{AllocError, Allocator, Reclaims};

/// An allocator behind a lock: usable from a static, from several threads, and as
/// `#[global_allocator]`.
///
/// The lock is this crate's [`SpinLock`](super::SpinLock) unless another is named. Every call
/// forwards to the inner allocator's own method, growing and zeroed allocation included.
///
/// A thread that comes back while it holds the lock, such as a source, a panic or the handler of a
/// signal that allocates, ends the process with a line where the lock knows its holder. So does a panic
/// that would leave the allocator.
#[cfg(target_has_atomic = "ptr")]
#[derive(Debug)]
pub struct Locked<A, R = SpinLock> {
    lock: R,
    inner: UnsafeCell<A>,
}

/// An allocator behind a lock: usable from a static, from interrupts, and as
/// `#[global_allocator]`.
///
/// Every call forwards to the inner allocator's own method, growing and zeroed allocation
/// included.
#[cfg(not(target_has_atomic = "ptr"))]
#[derive(Debug)]
pub struct Locked<A, R> {
    lock: R,
    inner: UnsafeCell<A>,
}

// SAFETY: the inner value is reached only with the lock held (`with`) or through `&mut self`, so
// one thread uses it at a time, which `A: Send` allows.
unsafe impl<A: Send, R: RawLock + Sync> Sync for Locked<A, R> {}

impl<A, R: RawLock> Locked<A, R> {
    /// Puts `allocator` behind an open lock.
    pub const fn new(allocator: A) -> Self {
        Self {
            lock: R::UNLOCKED,
            inner: UnsafeCell::new(allocator),
        }
    }

    /// The allocator itself, while nobody shares it.
    pub fn get_mut(&mut self) -> &mut A {
        self.inner.get_mut()
    }

    /// The allocator itself.
    pub fn into_inner(self) -> A {
        self.inner.into_inner()
    }

    /// The lock: for handlers that must hold it across a `fork`.
    pub const fn lock(&self) -> &R {
        &self.lock
    }

    /// Looks into the allocator with the lock held. `look` must not allocate from it: the lock is
    /// not re-entrant.
    pub fn inspect<T>(&self, look: impl FnOnce(&A) -> T) -> T {
        self.enter(|inner| look(inner))
    }

    /// Runs `run` on the allocator with the lock held: for what a stage offers beyond the traits,
    /// such as giving memory back. The lock is not re-entrant here either.
    ///
    /// # Safety
    ///
    /// `run` leaves the allocator and its live blocks in place: it does not move the value out,
    /// replace it or reset it.
    pub unsafe fn with_mut<T>(&self, run: impl FnOnce(&mut A) -> T) -> T {
        self.enter(run)
    }

    /// Runs the program's own code on the allocator, which may unwind.
    #[inline]
    fn enter<T>(&self, run: impl FnOnce(&mut A) -> T) -> T {
        let _held = Held::new(&self.lock);
        // SAFETY: the lock is held until the end of the scope, so this is the only reference.
        run(unsafe { &mut *self.inner.get() })
    }

    /// Runs a method of the allocator, which may not.
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

/// The lock, held; released on drop even if an `inspect` closure unwinds.
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
        // SAFETY: acquired in `new`.
        unsafe { self.0.release() }
    }
}

super::forward::forward_allocator!(Locked<A, R>, R: RawLock);
