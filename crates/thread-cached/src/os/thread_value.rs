//! POSIX's thread-specific values.

use core::ffi::{c_int, c_void};
#[cfg(any(
    portable_thread_local,
    not(all(target_arch = "x86_64", target_os = "linux"))
))]
use core::ptr::null_mut;

use crate::primitive::{AtomicU32, Ordering};

/// What [`ThreadValue`] has for a key when that was deleted.
const DELETED: u32 = u32::MAX;

/// A value for each thread, and a function that may be called with it when the thread ends.
pub(crate) struct ThreadValue {
    /// The key plus one, 0 before there is one, or [`DELETED`].
    key: AtomicU32,
    at_end: Option<unsafe extern "C" fn(*mut c_void)>,
}

impl ThreadValue {
    pub(crate) const fn new(at_end: Option<unsafe extern "C" fn(*mut c_void)>) -> Self {
        Self {
            key: AtomicU32::new(0),
            at_end,
        }
    }

    /// Sets the calling thread's value. Without effect if the system has no key left.
    pub(crate) fn set(&'static self, value: *mut c_void) {
        let known = self.key.load(Ordering::Acquire);
        let key = if known == 0 { self.create() } else { known };
        if let Some(key) = key.checked_sub(1).filter(|_| key != DELETED) {
            // SAFETY: the key was created by `create` and is not deleted.
            unsafe { libc::pthread_setspecific(key, value) };
        }
    }

    /// The calling thread's value, null if it has none.
    #[cfg(any(
        portable_thread_local,
        not(all(target_arch = "x86_64", target_os = "linux"))
    ))]
    pub(crate) fn get(&self) -> *mut c_void {
        match self.key.load(Ordering::Acquire).checked_sub(1) {
            // SAFETY: as in `set`.
            Some(key) => unsafe { libc::pthread_getspecific(key) },
            None => null_mut(),
        }
    }

    /// The key plus one; of two threads that come at once, one's key is used by both.
    #[cold]
    fn create(&'static self) -> u32 {
        let mut key = 0;
        // SAFETY: the key outlives the call, the function the program.
        if unsafe { libc::pthread_key_create(&mut key, self.at_end) } != 0 {
            return 0;
        }
        let ours = key + 1;
        match self
            .key
            .compare_exchange(0, ours, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => {
                self.delete_at_unload();
                ours
            }
            Err(theirs) => {
                // SAFETY: created above, and nobody has seen it.
                unsafe { libc::pthread_key_delete(key) };
                theirs
            }
        }
    }

    /// Has the key deleted when this code goes, as a plug-in that is unloaded, or as the process
    /// ends: the threads that live on must not call what is at its place then.
    fn delete_at_unload(&'static self) {
        extern "C" fn delete(value: *mut c_void) {
            // SAFETY: the argument below.
            let value = unsafe { value.cast::<ThreadValue>().as_ref() };
            let key =
                value.and_then(|value| value.key.swap(DELETED, Ordering::AcqRel).checked_sub(1));
            if let Some(key) = key {
                // SAFETY: created by `create`, and nobody uses it any more.
                unsafe { libc::pthread_key_delete(key) };
            }
        }
        unsafe extern "C" {
            // The C library's, by which C++ has its statics destroyed.
            fn __cxa_atexit(
                at_exit: extern "C" fn(*mut c_void),
                argument: *mut c_void,
                image: *const c_void,
            ) -> c_int;
            // In every program and library: what tells it from the others.
            static __dso_handle: u8;
        }
        if self.at_end.is_some() {
            let value = core::ptr::from_ref(self).cast_mut().cast();
            // SAFETY: both live as long as this code does. A failure leaves it as it was.
            unsafe { __cxa_atexit(delete, value, (&raw const __dso_handle).cast()) };
        }
    }
}
