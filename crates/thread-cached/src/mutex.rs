//! A mutex.

use core::cell::UnsafeCell;

use crate::primitive::{Lock, RawLock};

/// A value that is used only with its lock held.
pub(crate) struct Mutex<T> {
    lock: Lock,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached with the lock held only, by one thread at a time.
unsafe impl<T: Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            lock: Lock::UNLOCKED,
            value: UnsafeCell::new(value),
        }
    }

    /// Calls `body` with the lock held. `body` must not come back here, and calls no OS but to
    /// commit memory.
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
