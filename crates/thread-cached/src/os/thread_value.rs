//! POSIX's thread-specific values.

use core::ffi::c_void;
#[cfg(any(
    feature = "dynamic-tls",
    not(all(target_arch = "x86_64", target_os = "linux"))
))]
use core::ptr::null_mut;

use crate::primitive::{AtomicU32, Ordering};

/// What [`ThreadValue`] has for a key when that was deleted.
const DELETED: u32 = u32::MAX;

/// A value for each thread, and a function that is called with it when the thread ends, unless it is
/// null then.
pub(crate) struct ThreadValue {
    /// The key plus one, 0 before there is one, or [`DELETED`].
    key: AtomicU32,
    at_end: unsafe extern "C" fn(*mut c_void),
}

impl ThreadValue {
    pub(crate) const fn new(at_end: unsafe extern "C" fn(*mut c_void)) -> Self {
        Self {
            key: AtomicU32::new(0),
            at_end,
        }
    }

    /// Sets the calling thread's value. Without effect if the system has no key left, or no memory for
    /// the first value of a thread, which it may ask `calloc` for.
    pub(crate) fn set(&self, value: *mut c_void) {
        let known = self.key.load(Ordering::Acquire);
        let key = if known == 0 { self.create() } else { known };
        if let Some(key) = key.checked_sub(1).filter(|_| key != DELETED) {
            // SAFETY: the key was created by `create` and is not deleted.
            unsafe { libc::pthread_setspecific(key, value) };
        }
    }

    /// The calling thread's value, null if it has none.
    #[cfg(any(
        feature = "dynamic-tls",
        not(all(target_arch = "x86_64", target_os = "linux"))
    ))]
    pub(crate) fn get(&self) -> *mut c_void {
        let key = self.key.load(Ordering::Acquire);
        match key.checked_sub(1).filter(|_| key != DELETED) {
            // SAFETY: as in `set`.
            Some(key) => unsafe { libc::pthread_getspecific(key) },
            None => null_mut(),
        }
    }

    /// The key plus one; of two threads that come at once, one's key is used by both.
    #[cold]
    fn create(&self) -> u32 {
        let mut key = 0;
        // SAFETY: the key outlives the call, the function the program, or `delete` is called before.
        if unsafe { libc::pthread_key_create(&mut key, Some(self.at_end)) } != 0 {
            return 0;
        }
        let ours = key + 1;
        match self
            .key
            .compare_exchange(0, ours, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => ours,
            Err(theirs) => {
                // SAFETY: created above, and nobody has seen it.
                unsafe { libc::pthread_key_delete(key) };
                theirs
            }
        }
    }

    /// From now on no thread has a value, and no thread's end calls anything.
    pub(crate) fn delete(&self) {
        let key = self.key.swap(DELETED, Ordering::AcqRel);
        if let Some(key) = key.checked_sub(1).filter(|_| key != DELETED) {
            // SAFETY: created by `create`, and nobody uses it any more.
            unsafe { libc::pthread_key_delete(key) };
        }
    }
}
