//! How many instructions a piece of code takes, counted one by one in a fork of this process.

use std::ptr::null_mut;

/// The code under count runs between two stops.
pub(crate) fn stop() {
    // SAFETY: a signal to this process, which its tracer takes.
    unsafe { libc::raise(libc::SIGSTOP) };
}

/// Instructions between the two times that `work` calls [`stop`], the stopping included; `None` if it
/// does not stop twice, or tracing is not allowed here. `work` must not allocate from the process's
/// heap, whose lock another thread may hold.
pub(crate) fn count(work: impl FnOnce()) -> Option<u64> {
    // SAFETY: the child does nothing but `work` and ends.
    let child = unsafe { libc::fork() };
    if child == 0 {
        if request(libc::PTRACE_TRACEME, 0) {
            work();
        }
        // SAFETY: ends this process without running what the parent would run at its end.
        unsafe { libc::_exit(0) };
    }
    if child < 0 {
        return None;
    }
    let counted = steps(child);
    // SAFETY: signals and reaps our own child, which may have ended.
    unsafe {
        libc::kill(child, libc::SIGKILL);
        libc::waitpid(child, null_mut(), 0);
    }
    counted
}

fn steps(child: libc::pid_t) -> Option<u64> {
    if stopped_by(child)? != libc::SIGSTOP {
        return None;
    }
    for n in 0.. {
        if !request(libc::PTRACE_SINGLESTEP, child) {
            return None;
        }
        match stopped_by(child)? {
            libc::SIGTRAP => (),
            libc::SIGSTOP => return Some(n),
            _ => return None,
        }
    }
    None
}

/// The signal that the child is stopped by; `None` if it has ended.
fn stopped_by(child: libc::pid_t) -> Option<libc::c_int> {
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    (waited == child && libc::WIFSTOPPED(status)).then(|| libc::WSTOPSIG(status))
}

fn request(what: libc::c_uint, child: libc::pid_t) -> bool {
    let (address, data) = (null_mut::<libc::c_void>(), null_mut::<libc::c_void>());
    // SAFETY: neither request reads or writes memory of either process.
    unsafe { libc::ptrace(what, child, address, data) == 0 }
}
