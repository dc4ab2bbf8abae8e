//! The process: its threads, `fork`, and random numbers.

use crate::clock::now;
use crate::errno::keeping_errno;

/// Returns true if the kernel counts one thread in the process: `/proc/self/task` has a link for each thread beside its
/// own two. Returns false if there is no `/proc`. A signal handler may call it.
pub fn has_one_thread() -> bool {
    // SAFETY: `stat` has only integer fields, for which zero bytes are valid; the path ends in a zero byte.
    keeping_errno(|| unsafe {
        let mut threads: libc::stat = core::mem::zeroed();
        libc::stat(c"/proc/self/task".as_ptr(), &mut threads) == 0 && threads.st_nlink == 3
    })
}

/// Registers three functions that `fork` calls: before it, and after it in the parent and in the child.
pub fn at_fork(before: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    // SAFETY: the functions live as long as the program. If the call fails (no memory for the list of
    // handlers), `fork` stays as unprotected as before; nothing here could improve that.
    unsafe { libc::pthread_atfork(Some(before), Some(parent), Some(child)) };
}

/// Returns a random number from the system; early at boot it is weak.
pub fn random() -> u64 {
    let mut number = 0_u64;
    let place = (&raw mut number).cast();
    // SAFETY: the place has that many bytes.
    keeping_errno(|| unsafe { libc::getrandom(place, size_of::<u64>(), libc::GRND_NONBLOCK) });
    let mixed = number ^ (place.addr() as u64).rotate_left(32);
    mixed ^ u64::from(now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_counted() {
        let other = std::thread::spawn(has_one_thread).join();
        assert!(!other.expect("it ends"), "this one is there, too");
    }
}
