//! One process for each job: a crash or a hang is an answer, not the end of the run.

use std::fmt;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::job::{Answer, Job};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Death {
    /// A signal ended the process.
    Signal {
        /// Its number.
        number: i32,
        /// The last line on standard error.
        last_words: String,
    },
    /// It ended without an answer.
    Exit {
        /// Its exit status, or what is wrong with it.
        status: String,
        /// The last line on standard error.
        last_words: String,
    },
    /// It was stopped after so many seconds.
    Hung {
        /// The seconds.
        seconds: f64,
    },
}

impl Death {
    /// Whether the process was stopped because it took too long.
    pub(crate) fn is_hang(&self) -> bool {
        let is_alarm = matches!(self, Self::Signal { number, .. } if *number == libc::SIGALRM);
        is_alarm || matches!(self, Self::Hung { .. })
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last_words = match self {
            Self::Signal { last_words, .. } if self.is_hang() => {
                write!(f, "took too long, and was stopped")?;
                last_words
            }
            Self::Signal { number, last_words } => {
                write!(f, "crashed with signal {number} ({})", signal_name(*number))?;
                last_words
            }
            Self::Exit { status, last_words } => {
                write!(f, "ended without an answer ({status})")?;
                last_words
            }
            Self::Hung { seconds } => return write!(f, "hung: stopped after {seconds:.0} s"),
        };
        match last_words.as_str() {
            "" => Ok(()),
            words => write!(f, ": {words}"),
        }
    }
}

fn signal_name(number: i32) -> &'static str {
    match number {
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGILL => "SIGILL",
        libc::SIGFPE => "SIGFPE",
        libc::SIGKILL => "SIGKILL",
        libc::SIGTRAP => "SIGTRAP",
        libc::SIGINT => "SIGINT",
        _ => "see signal(7)",
    }
}

/// The child's part: answers the job on standard output.
///
/// # Errors
///
/// A job that makes no sense; the parent made it.
pub fn run(job: &str) -> Result<()> {
    die_with_parent();
    let job: Job = serde_json::from_str(job).context("the job is not understood")?;
    println!("{}", serde_json::to_string(&job.answer()?)?);
    Ok(())
}

/// No core dump for a crash that is expected, and no orphan that goes on measuring. Both calls are async-signal-safe.
pub(crate) fn die_with_parent() {
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: both calls only change this process's own settings.
    unsafe {
        libc::setrlimit(libc::RLIMIT_CORE, &none);
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
}

/// The parent's part: has `job` answered by a child, which is stopped after `patience`.
///
/// # Errors
///
/// Why there is no answer.
pub fn ask(job: &Job, patience: Duration) -> Result<Answer, Death> {
    let mut child = spawn(job).map_err(|error| Death::Exit {
        status: format!("{error:#}"),
        last_words: String::new(),
    })?;
    let output = gather(&mut child);
    let answer = output.recv_timeout(patience);
    if answer.is_err() {
        let _ = child.kill();
    }
    let status = child.wait();
    let Ok((stdout, stderr)) = answer else {
        let seconds = patience.as_secs_f64();
        return Err(Death::Hung { seconds });
    };
    match serde_json::from_str(&stdout) {
        Ok(answer) => Ok(answer),
        Err(_) => Err(death(status.ok(), &stderr)),
    }
}

fn spawn(job: &Job) -> Result<Child> {
    let program = std::env::current_exe().context("where is this program?")?;
    let mut command = Command::new(program);
    command.arg("child").arg(serde_json::to_string(job)?);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // What this process was started with is not for the subject.
    match &job.preload {
        Some(library) => command.env("LD_PRELOAD", library),
        None => command.env_remove("LD_PRELOAD"),
    };
    command.spawn().context("cannot start a child process")
}

/// Reads both streams to their ends on a thread of its own, so that the wait can time out without
/// looking at the child again and again while it is measuring.
fn gather(child: &mut Child) -> mpsc::Receiver<(String, String)> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let errors = thread::spawn(move || text(stderr));
        let answer = text(stdout);
        let _ = sender.send((answer, errors.join().unwrap_or_default()));
    });
    receiver
}

fn text(stream: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        let _ = stream.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(crate) fn death(status: Option<ExitStatus>, stderr: &str) -> Death {
    let last_words = last_words(stderr);
    match status.and_then(|status| status.signal()) {
        Some(number) => Death::Signal { number, last_words },
        None => Death::Exit {
            status: status.map_or("lost".to_string(), |status| status.to_string()),
            last_words,
        },
    }
}

/// The line that says what happened: the one after "panicked at", or the last.
fn last_words(stderr: &str) -> String {
    let mut lines = stderr.lines().filter(|line| !line.trim().is_empty());
    let panic = lines.by_ref().find(|line| line.contains("panicked at"));
    let words = match panic {
        Some(_) => lines.next(),
        None => stderr.lines().rfind(|line| !line.trim().is_empty()),
    };
    words.unwrap_or("").trim().to_string()
}
