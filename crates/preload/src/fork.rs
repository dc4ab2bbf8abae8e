//! `fork` in a program with threads: the child finds the heap whole, and its lock open (P4).
//!
//! The forking thread takes the heap's lock before the fork and releases it afterwards, in the parent and
//! in the child. The heap's lock alone could deadlock: the C library takes the lock of its list of open
//! files after our handler and before it forks. A thread in `fflush(NULL)` holds that list's lock while it
//! waits for one file. The thread that uses this file (in `getline`, say) may wait for memory, and so for
//! the heap's lock. Therefore our handler takes the list's lock first, as the C library does for its own
//! `malloc`.
//!
//! In a process of one thread no other thread can hold a lock, but that thread itself can: it may fork in
//! a signal handler, and the request that the signal interrupted continues in both processes. Therefore
//! the handlers take no lock then.

use core::sync::atomic::{AtomicBool, Ordering};

use crate::profile;
use crate::served::Served;
use crate::stage::HEAP;

unsafe extern "C" {
    // The C library's lock of the list of open files; its holder may take it again.
    fn _IO_list_lock();
    fn _IO_list_unlock();
    fn _IO_list_resetlock();
}

/// True if the process had one thread when it began to fork.
static IS_ALONE: AtomicBool = AtomicBool::new(false);

/// Registers the handlers. The first handlers that a process registers run last before a fork, and first
/// after it. Called before the process's first block, this registers the first handlers, but for the
/// stage's own.
pub(crate) fn prepare() {
    os::at_fork(before, after_in_parent, after_in_child);
}

extern "C" fn before() {
    let is_alone = os::has_one_thread();
    IS_ALONE.store(is_alone, Ordering::Relaxed);
    if is_alone {
        return;
    }
    // SAFETY: the function has no precondition; one of the two functions below releases the lock.
    unsafe { _IO_list_lock() };
    HEAP.before_fork();
    profile::before_fork();
}

extern "C" fn after_in_parent() {
    if IS_ALONE.load(Ordering::Relaxed) {
        return;
    }
    // SAFETY: `before` ran in this thread, just before the fork, and took all three locks.
    unsafe {
        HEAP.after_fork();
        profile::after_fork(false);
        _IO_list_unlock();
    }
}

/// Opens the locks in the child, whose only thread is the copy of the one that forked. The C library has
/// already reset the list's lock if the parent had several threads; so this resets it, too, instead of
/// releasing it.
extern "C" fn after_in_child() {
    if IS_ALONE.load(Ordering::Relaxed) {
        return;
    }
    // SAFETY: as above; the child has no other thread that could hold the list's lock.
    unsafe {
        HEAP.after_fork();
        profile::after_fork(true);
        _IO_list_resetlock();
    }
}
