//! One run of a command: what it did and what it took.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{Library, Plan};
use crate::child::die_with_parent;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// With this status.
    Status(i32),
    /// By this signal.
    Signal(i32),
    /// It was stopped because it took too long.
    Hung,
}

/// What one run took and left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// How it ended.
    pub exit: Exit,
    /// Seconds from start to end.
    pub wall: f64,
    /// Seconds of CPU in the program, of all its processes that were waited for.
    pub user: f64,
    /// Seconds of CPU in the kernel for it.
    pub system: f64,
    /// The most bytes resident in one of its processes.
    pub peak_rss: usize,
    /// Page faults that needed no disk.
    pub minor_faults: u64,
    /// Page faults that did.
    pub major_faults: u64,
    /// Length and CRC-32 of standard output.
    pub stdout: (u64, u32),
    /// Length and CRC-32 of standard error.
    pub stderr: (u64, u32),
}

impl Run {
    /// Seconds of CPU, in the program and in the kernel.
    pub fn cpu(&self) -> f64 {
        self.user + self.system
    }
}

/// How often a wait looks whether the user has had enough.
const BEAT: Duration = Duration::from_millis(200);

/// Runs the command of `plan` in a process group of its own, with `library` preloaded or with none. The
/// terminal's Ctrl-C does not reach the group: it is stopped when `interrupted` is set.
///
/// # Errors
///
/// The program cannot be started, or there is no place for its output.
pub(super) fn run(
    plan: &Plan,
    library: Option<&Library>,
    timeout: Duration,
    interrupted: &AtomicBool,
) -> Result<Run> {
    let (mut stdout, mut stderr) = (output_file()?, output_file()?);
    let mut command = command(plan, library);
    command
        .stdout(stdout.try_clone()?)
        .stderr(stderr.try_clone()?);
    isolate(&mut command);
    let start = Instant::now();
    let child = command
        .spawn()
        .with_context(|| format!("cannot run `{}`", plan.words[0]))?;
    let (end, is_hung) = wait(child.id() as libc::pid_t, start, timeout, interrupted)?;
    Ok(Run {
        exit: if is_hung {
            Exit::Hung
        } else {
            exit(end.status)
        },
        wall: end.wall.as_secs_f64(),
        user: seconds(end.usage.ru_utime),
        system: seconds(end.usage.ru_stime),
        peak_rss: usize::try_from(end.usage.ru_maxrss).unwrap_or(0) * 1024,
        minor_faults: u64::try_from(end.usage.ru_minflt).unwrap_or(0),
        major_faults: u64::try_from(end.usage.ru_majflt).unwrap_or(0),
        stdout: digest(&mut stdout)?,
        stderr: digest(&mut stderr)?,
    })
}

/// The command with its environment; without a library, also without what we were started with.
pub(super) fn command(plan: &Plan, library: Option<&Library>) -> Command {
    let mut command = Command::new(&plan.words[0]);
    command.args(&plan.words[1..]).stdin(Stdio::null());
    let own = library.map_or(&[][..], |library| &library.envs);
    let envs = plan.envs.iter().chain(own);
    command.envs(envs.map(|(name, value)| (name, value)));
    match library.and_then(|library| library.path.as_ref()) {
        Some(path) => command.env("LD_PRELOAD", path),
        None => command.env_remove("LD_PRELOAD"),
    };
    command
}

fn output_file() -> Result<File> {
    tempfile::tempfile().context("cannot make a temporary file for the command's output")
}

/// Gives the command a process group, so that all of it can be stopped, and no core dumps.
///
/// The kernel's peak is that of the process, whichever program it ran. So it is never below our own
/// anonymous memory, which it has for a moment; to fork instead of sharing all our memory, as the
/// standard library does without such a closure, keeps the rest out.
fn isolate(command: &mut Command) {
    let before_exec = || {
        // SAFETY: an async-signal-safe call that changes the new process's own group.
        unsafe { libc::setpgid(0, 0) };
        die_with_parent();
        Ok(())
    };
    // SAFETY: the closure allocates nothing, takes no lock and does not unwind.
    unsafe { command.pre_exec(before_exec) };
}

/// How a process ended, when, and what it had taken.
struct End {
    status: ExitStatus,
    wall: Duration,
    usage: libc::rusage,
}

/// Waits for `pid`, and stops its group if that takes too long or the user has had enough; whether it
/// did comes second.
fn wait(
    pid: libc::pid_t,
    start: Instant,
    timeout: Duration,
    interrupted: &AtomicBool,
) -> Result<(End, bool)> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || drop(sender.send(reap(pid, start))));
    loop {
        let left = timeout.saturating_sub(start.elapsed());
        if let Ok(end) = receiver.recv_timeout(left.min(BEAT)) {
            return Ok((end.context("cannot wait for the command")?, false));
        }
        if left <= BEAT || interrupted.load(Ordering::Relaxed) {
            break;
        }
    }
    // SAFETY: the group is the child's, which was not reaped yet.
    unsafe { libc::kill(-pid, libc::SIGKILL) };
    let end = receiver.recv().context("the waiting thread is gone")?;
    Ok((end.context("cannot wait for the command")?, true))
}

fn reap(pid: libc::pid_t, start: Instant) -> io::Result<End> {
    let mut status = 0;
    // SAFETY: an all-zero `rusage` is a value of it; the call fills both in.
    let (reaped, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(pid, &mut status, 0, &mut usage), usage)
    };
    let wall = start.elapsed();
    match reaped == pid {
        true => Ok(End {
            status: ExitStatus::from_raw(status),
            wall,
            usage,
        }),
        false => Err(io::Error::last_os_error()),
    }
}

fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Status(code),
        (None, signal) => Exit::Signal(signal.unwrap_or(0)),
    }
}

fn seconds(time: libc::timeval) -> f64 {
    time.tv_sec as f64 + time.tv_usec as f64 / 1e6
}

/// Length and CRC-32 of what was written to `file`.
fn digest(file: &mut File) -> Result<(u64, u32)> {
    file.rewind()?;
    let mut crc = crc32fast::Hasher::new();
    let mut len = 0;
    let mut buffer = [0; 1 << 16];
    loop {
        let n = file
            .read(&mut buffer)
            .context("cannot read the output back")?;
        if n == 0 {
            return Ok((len, crc.finalize()));
        }
        crc.update(&buffer[..n]);
        len += n as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, timeout: Duration) -> Run {
        let plan = Plan {
            words: ["sh", "-c", script].map(str::to_string).to_vec(),
            ..Plan::new(script, &[]).unwrap()
        };
        run(&plan, None, timeout, &AtomicBool::new(false)).unwrap()
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn exit_and_output_are_the_commands_own() {
        let said = sh("echo hello; echo oh >&2; exit 3", LONG);
        assert_eq!(said.exit, Exit::Status(3));
        assert_eq!(said.stdout, (6, crc32fast::hash(b"hello\n")));
        assert_eq!(said.stderr, (3, crc32fast::hash(b"oh\n")));
        assert_eq!(sh("kill -SEGV $$", LONG).exit, Exit::Signal(libc::SIGSEGV));
    }

    #[test]
    fn a_command_is_stopped_when_the_user_has_had_enough() {
        let plan = Plan::new("sleep 1000", &[]).unwrap();
        let run = run(&plan, None, LONG, &AtomicBool::new(true)).unwrap();
        assert!(run.exit == Exit::Hung && run.wall < 50.0, "{run:?}");
    }

    #[test]
    fn a_command_that_hangs_is_stopped_with_its_children() {
        let run = sh("sleep 1000 & sleep 1000", Duration::from_millis(100));
        assert_eq!(run.exit, Exit::Hung);
        assert!(run.wall < 900.0, "{run:?}");
    }
}
