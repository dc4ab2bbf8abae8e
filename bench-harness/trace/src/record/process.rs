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
    let program = Arc::new(Program::default());
    hold_signals(&program)?;
    let mut child = command.spawn()?;
    program.has_started(child.id());
    wait_unreaped(child.id());
    let name = name_of(child.id());
    program.has_ended();
    Ok(Ended {
        pid: child.id(),
        name,
        status: child.wait()?,
    })
}

/// Keeps signals that end the program from ending this process, which must save the recording.
///
/// Signals from the keyboard reach the program, too. This process passes on a signal that it alone received.
fn hold_signals(program: &Arc<Program>) -> io::Result<()> {
    for signal in [libc::SIGINT, libc::SIGQUIT] {
        if !is_ignored(signal) {
            flag::register(signal, Arc::new(AtomicBool::new(false)))?;
        }
    }
    for signal in [libc::SIGTERM, libc::SIGHUP] {
        if !is_ignored(signal) {
            let program = Arc::clone(program);
            // SAFETY: the handler only uses atomic numbers and makes a system call.
            unsafe { low_level::register(signal, move || program.pass_on(signal))? };
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

/// The started process, for the handlers of signals.
#[derive(Default)]
struct Program {
    /// 0 before it has started and after it has ended.
    pid: AtomicI32,
    /// A signal that waits to be passed on; 0 if none does.
    waiting: AtomicI32,
}

impl Program {
    /// Passes a signal on that came while the process was being started.
    fn has_started(&self, pid: u32) {
        self.pid.store(pid as c_int, Ordering::SeqCst);
        self.deliver();
    }

    fn has_ended(&self) {
        self.pid.store(0, Ordering::SeqCst);
    }

    fn pass_on(&self, signal: c_int) {
        self.waiting.store(signal, Ordering::SeqCst);
        self.deliver();
    }

    fn deliver(&self) {
        let pid = self.pid.load(Ordering::SeqCst);
        if pid == 0 {
            return;
        }
        match self.waiting.swap(0, Ordering::SeqCst) {
            0 => {}
            // SAFETY: the call takes only numbers. The process is not reaped while its id is stored here.
            signal => unsafe {
                libc::kill(pid, signal);
            },
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn a_signal_reaches_a_program_that_is_just_being_started() {
        let program = Program::default();
        program.pass_on(libc::SIGTERM);
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        program.has_started(child.id());
        assert_eq!(child.wait().unwrap().signal(), Some(libc::SIGTERM));
        program.has_ended();
        program.pass_on(libc::SIGTERM);
        assert_eq!(program.waiting.into_inner(), libc::SIGTERM);
    }
}
