//! The started process, from its start to its end.

use std::fs;
use std::io;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use libc::c_int;
use signal_hook::{flag, low_level};

/// How the started process ended.
pub(super) struct Ended {
    pub(super) pid: u32,
    /// Its name at its end, at most 15 bytes; `None` if there is no `/proc`.
    pub(super) name: Option<String>,
    pub(super) status: ExitStatus,
}

/// Starts the command and waits for its end.
pub(super) fn run(command: &mut Command) -> io::Result<Ended> {
    let pid = Arc::new(AtomicI32::new(0));
    hold_signals(&pid)?;
    let mut child = command.spawn()?;
    pid.store(child.id() as c_int, Ordering::Relaxed);
    wait_unreaped(child.id());
    let name = name_of(child.id());
    pid.store(0, Ordering::Relaxed);
    Ok(Ended {
        pid: child.id(),
        name,
        status: child.wait()?,
    })
}

/// Keeps signals that end the program from ending this process, which must save the recording.
///
/// Signals from the keyboard reach the program, too. This process passes on a signal that it alone received.
fn hold_signals(pid: &Arc<AtomicI32>) -> io::Result<()> {
    for signal in [libc::SIGINT, libc::SIGQUIT] {
        if !is_ignored(signal) {
            flag::register(signal, Arc::new(AtomicBool::new(false)))?;
        }
    }
    for signal in [libc::SIGTERM, libc::SIGHUP] {
        if !is_ignored(signal) {
            let pid = Arc::clone(pid);
            // SAFETY: the handler only loads an atomic number and makes a system call.
            unsafe { low_level::register(signal, move || pass_on(signal, &pid))? };
        }
    }
    Ok(())
}

/// Returns true if this process was started with the signal ignored, as `nohup` does.
fn is_ignored(signal: c_int) -> bool {
    // SAFETY: the call sets no action, and writes the present one to `action`, for which zeroes are valid.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        libc::sigaction(signal, core::ptr::null(), &mut action);
        action.sa_sigaction == libc::SIG_IGN
    }
}

fn pass_on(signal: c_int, pid: &AtomicI32) {
    match pid.load(Ordering::Relaxed) {
        0 => {}
        // SAFETY: the call takes only numbers. The process is not reaped while its id is stored here.
        pid => unsafe {
            libc::kill(pid, signal);
        },
    }
}

/// Waits until the process has ended, but does not reap it, so that its name and status can still be read.
fn wait_unreaped(pid: u32) {
    loop {
        // SAFETY: the call writes to `info`, for which zeroes are valid.
        let waited = unsafe {
            let mut info: libc::siginfo_t = core::mem::zeroed();
            let options = libc::WEXITED | libc::WNOWAIT;
            libc::waitid(libc::P_PID, pid, &mut info, options)
        };
        let is_interrupted = io::Error::last_os_error().kind() == io::ErrorKind::Interrupted;
        if waited == 0 || !is_interrupted {
            return;
        }
    }
}

fn name_of(pid: u32) -> Option<String> {
    let name = fs::read(format!("/proc/{pid}/comm")).ok()?;
    Some(String::from_utf8_lossy(name.trim_ascii_end()).into_owned())
}
