//! POSIX's thread-specific values.

use core::ffi::c_void;
use core::ptr::null_mut;

use core::sync::atomic::{AtomicU32, Ordering};

/// The function that the system calls with a thread's value when the thread ends, unless the value is null then.
pub type AtThreadEnd = unsafe extern "C" fn(*mut c_void);

/// The key of a [`ThreadValue`] that was deleted.
const DELETED: u32 = u32::MAX;

/// A value for each thread.
#[derive(Debug, Default)]
pub struct ThreadValue {
    /// The key plus one, 0 before there is one, or [`DELETED`].
    key: AtomicU32,
}

impl ThreadValue {
    /// Creates a value that is null in every thread.
    pub const fn new() -> Self {
        Self {
            key: AtomicU32::new(0),
        }
    }

    /// Sets the calling thread's value. All calls pass the same `at_end`. Has no effect if the system has no key left, or
    /// no memory for the first value of a thread, which it may ask `calloc` for.
    ///
    /// # Safety
    ///
    /// `at_end` may be called with the value when the calling thread ends.
    pub unsafe fn set(&self, value: *mut c_void, at_end: AtThreadEnd) {
        let known = self.key.load(Ordering::Acquire);
        let key = if known == 0 {
            self.create(at_end)
        } else {
            known
        };
        if let Some(key) = key.checked_sub(1).filter(|_| key != DELETED) {
            // SAFETY: the key was created by `create` and is not deleted.
            unsafe { libc::pthread_setspecific(key, value) };
        }
    }

    /// The calling thread's value, null if it has none.
    pub fn get(&self) -> *mut c_void {
        let key = self.key.load(Ordering::Acquire);
        match key.checked_sub(1).filter(|_| key != DELETED) {
            // SAFETY: as in `set`.
            Some(key) => unsafe { libc::pthread_getspecific(key) },
            None => null_mut(),
        }
    }

    /// Creates the key, and returns it plus one. Two threads that create one at once both use the first.
    #[cold]
    fn create(&self, at_end: AtThreadEnd) -> u32 {
        let mut key = 0;
        // SAFETY: the key outlives the call. The function lives as long as the program, or until `delete` is called.
        if unsafe { libc::pthread_key_create(&mut key, Some(at_end)) } != 0 {
            return 0;
        }
        let ours = key + 1;
        match self
            .key
            .compare_exchange(0, ours, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => ours,
            Err(theirs) => {
                // SAFETY: created above, and no other thread has seen it.
                unsafe { libc::pthread_key_delete(key) };
                theirs
            }
        }
    }

    /// From now on no thread has a value, and no thread's end calls anything.
    pub fn delete(&self) {
        let key = self.key.swap(DELETED, Ordering::AcqRel);
        if let Some(key) = key.checked_sub(1).filter(|_| key != DELETED) {
            // SAFETY: the key was created by `create`, and no call uses it any more.
            unsafe { libc::pthread_key_delete(key) };
        }
    }
}
