//! How often a replay asks the kernel for something, counted by its parent with `ptrace`.
//!
//! A fork replays and stops itself just before the first step and just after the last; what the
//! kernel reports between the two stops is the replay's. A fork that stops twice and does nothing
//! between says how many of them are the stopping's own.

use std::io;
use std::ops::ControlFlow;
use std::ptr::null_mut;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::fork::fork;
use super::{Observer, Seen};
use crate::allocators::Entry;
use crate::memory::Room;
use crate::script::Script;

/// System calls of `entry` on `script`, those that make and drop the allocator left out; `None` if
/// the replay does not end, or tracing is not allowed here.
///
/// # Errors
///
/// A fork or a wait that failed.
pub(crate) fn system_calls(entry: &Entry, script: &Script, limit: Duration) -> Result<Option<u64>> {
    let deadline = Instant::now() + limit;
    let own = stops(deadline, || {
        stop();
        stop();
    })?;
    let all = stops(deadline, || {
        let mut room = Room::new(entry.room_len(script));
        let last = script.steps.len() - 1;
        let mut marking = Marking { last };
        entry
            .subject
            .observe(&mut room, script, limit, &mut marking);
    })?;
    // The kernel stops a process when it enters a call and when it leaves it.
    Ok(all.zip(own).map(|(all, own)| all.saturating_sub(own) / 2))
}

/// Stops the process before the first step and after the last.
struct Marking {
    last: usize,
}

impl Observer for Marking {
    fn before(&mut self, seen: Seen<'_>) {
        if seen.op == 0 {
            stop();
        }
    }

    fn after(&mut self, seen: Seen<'_>) -> ControlFlow<()> {
        if seen.op == self.last {
            stop();
        }
        ControlFlow::Continue(())
    }
}

/// Stops this process until its tracer lets it go on.
fn stop() {
    // SAFETY: a signal to this process, which its tracer takes.
    unsafe { libc::raise(libc::SIGSTOP) };
}

/// How often the kernel stops a fork that does `work` at a system call, between the two times that
/// it stops itself; `None` if it does so less than twice before the deadline.
fn stops(deadline: Instant, work: impl FnOnce()) -> Result<Option<u64>> {
    let child = fork(|| {
        if request(libc::PTRACE_TRACEME, 0, 0).is_ok() {
            work();
        }
    })?;
    let counted = count(child, deadline);
    // SAFETY: signals and reaps our own child, which may have ended.
    unsafe {
        libc::kill(child, libc::SIGKILL);
        libc::waitpid(child, null_mut(), 0);
    }
    counted
}

fn count(child: libc::pid_t, deadline: Instant) -> Result<Option<u64>> {
    let options = libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_EXITKILL;
    if next_stop(child)? != Some(libc::SIGSTOP) {
        return Ok(None);
    }
    request(libc::PTRACE_SETOPTIONS, child, options)?;
    for n in 0.. {
        request(libc::PTRACE_SYSCALL, child, 0)?;
        match next_stop(child)? {
            Some(AT_SYSTEM_CALL) if Instant::now() < deadline => (),
            Some(libc::SIGSTOP) => return Ok(Some(n)),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// What `PTRACE_O_TRACESYSGOOD` makes of a stop at a system call.
const AT_SYSTEM_CALL: libc::c_int = libc::SIGTRAP | 0x80;

/// Waits for the child to stop, and says by which signal; `None` if it has ended.
fn next_stop(child: libc::pid_t) -> Result<Option<libc::c_int>> {
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    ensure!(waited == child, io::Error::last_os_error());
    Ok(libc::WIFSTOPPED(status).then(|| libc::WSTOPSIG(status)))
}

fn request(what: libc::c_uint, child: libc::pid_t, data: libc::c_int) -> io::Result<()> {
    let address = null_mut::<libc::c_void>();
    // SAFETY: none of the requests made here reads or writes memory of either process.
    let done = unsafe { libc::ptrace(what, child, address, libc::c_long::from(data)) };
    match done {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
