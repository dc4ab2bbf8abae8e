//! A replay in a process forked for it alone.
//!
//! A replay that is repeated in one process finds pages mapped and touched by the one before, if
//! its allocator keeps them. In a fork each finds what the first found.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Result, ensure};

/// Runs `work` in a fork of this process and waits for it. What it leaves in private memory is
/// gone with it.
///
/// This process must have no other thread: a lock that one held would stay locked in the fork.
///
/// # Errors
///
/// The fork failed, or `work` panicked or crashed.
pub(crate) fn in_fork(work: impl FnOnce()) -> Result<()> {
    let child = fork(work)?;
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    ensure!(waited == child, io::Error::last_os_error());
    ensure!(
        libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0,
        "the forked replay ended with status {status:#x}"
    );
    Ok(())
}

/// Starts `work` in a fork of this process, which is returned.
pub(crate) fn fork(work: impl FnOnce()) -> io::Result<libc::pid_t> {
    // SAFETY: no other thread holds a lock (see `in_fork`), so the child may do as it likes.
    let child = unsafe { libc::fork() };
    match child {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            // SAFETY: the setting is this process's own; a fork does not inherit it.
            unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
            let done = catch_unwind(AssertUnwindSafe(work));
            // SAFETY: ends this process at once, without the parent's clean-up.
            unsafe { libc::_exit(i32::from(done.is_err())) }
        }
        child => Ok(child),
    }
}
