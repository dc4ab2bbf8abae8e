//! `fork` in a program with threads: the child finds the heap whole, and its lock open (P4).
//!
//! The forking thread takes the lock before and gives it back after, on both sides. That alone can
//! wait for ever. After our handler, and before it forks, the C library takes the lock of the list
//! of open files. `fflush(NULL)` holds that one while it waits for a file, and whoever uses the file
//! (`getline`, say) may wait for memory, that is for us. So that lock is taken first, as the C
//! library does it for its own `malloc`.
//!
//! In a process of one thread nobody else can have a lock. But that thread may: in the handler of a
//! signal it forks, and the request that the signal interrupted goes on in both processes. So none is
//! taken.

use core::sync::atomic::{AtomicBool, Ordering};

use crate::os;
use crate::profile;
use crate::served::Served;
use crate::stage::HEAP;

unsafe extern "C" {
    // The C library's, for the list of open files; the thread that has it may take it again.
    fn _IO_list_lock();
    fn _IO_list_unlock();
    fn _IO_list_resetlock();
}

/// Whether the process had one thread when it began to fork.
static IS_ALONE: AtomicBool = AtomicBool::new(false);

/// Registers the handlers. They are the first of the process if this comes before its first block:
/// the last to run before a fork, and the first after it.
pub(crate) fn prepare() {
    os::at_fork(before, after_in_parent, after_in_child);
}

extern "C" fn before() {
    let is_alone = os::has_one_thread();
    IS_ALONE.store(is_alone, Ordering::Relaxed);
    if is_alone {
        return;
    }
    // SAFETY: given back by one of the two functions below.
    unsafe { _IO_list_lock() };
    HEAP.before_fork();
    profile::before_fork();
}

extern "C" fn after_in_parent() {
    if IS_ALONE.load(Ordering::Relaxed) {
        return;
    }
    // SAFETY: `before` ran in this thread, just before the fork, and took both.
    unsafe {
        HEAP.after_fork();
        profile::after_fork(false);
        _IO_list_unlock();
    }
}

/// The child's only thread is the copy of the one that forked. The C library has reset the list's
/// lock already if there were others, so it is reset, not given back.
extern "C" fn after_in_child() {
    if IS_ALONE.load(Ordering::Relaxed) {
        return;
    }
    // SAFETY: as above; no other thread is there to have the list's lock.
    unsafe {
        HEAP.after_fork();
        profile::after_fork(true);
        _IO_list_resetlock();
    }
}
