//! What the C library says about the number of threads. It is a load, and says "more than one" where it does not know.

use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicU8, Ordering};

/// The address of glibc's byte that is nonzero while the process has one thread; null if unknown.
static FLAG: AtomicPtr<AtomicU8> = AtomicPtr::new(null_mut());

/// Returns true if the C library says that there is no other thread; false if it does not say.
#[inline]
pub fn is_single_threaded() -> bool {
    let flag = FLAG.load(Ordering::Relaxed);
    // SAFETY: the pointer is null or points to a byte that lives as long as the process.
    unsafe { flag.as_ref() }.is_some_and(|flag| flag.load(Ordering::Relaxed) != 0)
}

/// Looks up the byte in which the C library says that there is one thread. May allocate.
pub fn find_flag() {
    // SAFETY: a C string literal ends in a zero byte, as `dlsym` requires.
    let flag = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"__libc_single_threaded".as_ptr()) };
    FLAG.store(flag.cast(), Ordering::Relaxed);
}

/// Makes [`is_single_threaded`] read this byte.
pub fn set_flag(flag: &'static AtomicU8) {
    FLAG.store(core::ptr::from_ref(flag).cast_mut(), Ordering::Relaxed);
}

/// Makes [`is_single_threaded`] return false from now on.
pub fn forget_flag() {
    FLAG.store(null_mut(), Ordering::Relaxed);
}
