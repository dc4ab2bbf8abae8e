//! A mutex.

use core::cell::UnsafeCell;

use crate::primitive::{Lock, RawLock};

/// A value that is used only with its lock held.
pub(crate) struct Mutex<T> {
    lock: Lock,
    value: UnsafeCell<T>,
}

// SAFETY: only the thread that holds the lock reaches the value.
unsafe impl<T: Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            lock: Lock::UNLOCKED,
            value: UnsafeCell::new(value),
        }
    }

    /// Calls `body` with the lock held. `body` must not lock it again, and makes no system call except to commit memory.
    pub(crate) fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
        self.lock.acquire();
        // SAFETY: the lock is held, so this is the only reference.
        let result = body(unsafe { &mut *self.value.get() });
        // SAFETY: taken above.
        unsafe { self.lock.release() };
        result
    }

    /// The lock itself, for `fork`.
    pub(crate) fn lock(&self) -> &Lock {
        &self.lock
    }
}
