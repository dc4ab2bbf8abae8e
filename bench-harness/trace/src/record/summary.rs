//! The summary of a recording, for people.

use std::fmt;
use std::path::PathBuf;
use std::process::ExitStatus;

use super::{MATTERS, Recording};
use crate::Peak;
use crate::units::{bytes, thousands};

/// How many other processes the summary shows in full; it counts the rest.
pub(super) const N_SHOWN: usize = 8;

/// The result of recording a program.
#[derive(Debug)]
pub struct Summary {
    /// The program that the started process was at its end; `None` if it left no recording.
    pub named: Option<Recorded>,
    /// The other processes, and the earlier programs of the started process; the one with the most calls first.
    pub others: Vec<Recorded>,
    /// How the started process ended.
    pub status: ExitStatus,
    /// What the user should know before trusting the traces.
    pub warnings: Vec<String>,
}

/// One process of the program.
#[derive(Debug)]
pub struct Recorded {
    /// Its trace, if it was kept.
    pub path: Option<PathBuf>,
    /// The program's name.
    pub program: String,
    /// Its id.
    pub pid: u32,
    /// See [`Recording::parent`].
    pub parent: u32,
    /// See [`Recording::image`].
    pub image: Option<PathBuf>,
    /// The number of its calls.
    pub n_ops: usize,
    /// The number of threads that made them.
    pub n_threads: u32,
    /// The moment with the most live bytes.
    pub peak: Peak,
    /// See [`Recording::n_inherited`].
    pub n_inherited: usize,
    /// See [`Recording::n_unseen`].
    pub n_unseen: usize,
    /// See [`Recording::stopped`].
    pub stopped: i32,
    /// True if it still runs, so that its trace ends before the process does.
    pub is_running: bool,
    /// True if it is the started process before it became the named program.
    pub is_earlier: bool,
}

impl Recorded {
    pub(super) fn new(path: Option<PathBuf>, recording: Recording, is_running: bool) -> Self {
        Self {
            path,
            pid: recording.pid,
            parent: recording.parent,
            image: recording.image,
            n_ops: recording.trace.ops.len(),
            n_threads: recording.trace.provenance.threads,
            peak: recording.trace.peak(),
            n_inherited: recording.n_inherited,
            n_unseen: recording.n_unseen,
            stopped: recording.stopped,
            program: recording.trace.name,
            is_running,
            is_earlier: false,
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        let when = if self.is_earlier { ", before that" } else { "" };
        write!(f, "{indent}{} (process {}{when}): ", self.program, self.pid)?;
        match self.n_ops {
            0 => writeln!(f, "no call")?,
            n => {
                let calls = plural(n, "call", "calls");
                let threads = plural(self.n_threads as usize, "thread", "threads");
                let (peak, blocks) = (bytes(self.peak.bytes), thousands(self.peak.n_blocks));
                writeln!(
                    f,
                    "{calls} by {threads}, peak live {peak} in {blocks} blocks"
                )?;
            }
        }
        self.write_notes(f, indent)?;
        match &self.path {
            Some(path) => writeln!(f, "{indent}  {}", path.display()),
            None => Ok(()),
        }
    }

    fn write_notes(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        if self.n_inherited > 0 {
            let n = thousands(self.n_inherited);
            writeln!(
                f,
                "{indent}  left out: {n} frees of blocks from before the recording"
            )?;
        }
        if self.n_unseen > 0 {
            let n = thousands(self.n_unseen);
            writeln!(
                f,
                "{indent}  added: {n} frees that were not seen, at the next use of their address"
            )?;
        }
        if self.stopped != 0 {
            let error = std::io::Error::from_raw_os_error(self.stopped);
            writeln!(
                f,
                "{indent}  the recording stopped before the process did: {error}"
            )?;
        }
        if self.is_running {
            writeln!(
                f,
                "{indent}  the process still runs, and its trace ends here; to record all of it, keep \
                 it in the foreground"
            )?;
        }
        Ok(())
    }
}

impl Summary {
    /// Iterates over all recorded processes, the named one first.
    pub fn processes(&self) -> impl Iterator<Item = &Recorded> {
        self.named.iter().chain(&self.others)
    }

    /// Returns true if no process made a call.
    pub(super) fn is_empty(&self) -> bool {
        self.processes().all(|process| process.n_ops == 0)
    }

    fn write_others(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.others.len();
        let is_large = |other: &&Recorded| other.n_ops > MATTERS;
        let n_large = self.others.iter().filter(is_large).count();
        let (n_shown, large) = match (n <= N_SHOWN, n_large) {
            (true, _) => (n, String::new()),
            (false, 0) => (
                0,
                format!(", none of them over {} calls", thousands(MATTERS)),
            ),
            (false, _) => (
                n_large.min(N_SHOWN),
                format!(", {n_large} of them over {} calls", thousands(MATTERS)),
            ),
        };
        writeln!(f, "{}{large}:", plural(n, "more process", "more processes"))?;
        for other in &self.others[..n_shown] {
            other.write(f, "  ")?;
        }
        if n_large > n_shown {
            writeln!(f, "  and {} in the same folder", n_large - n_shown)?;
        }
        let is_dropped = |other: &&Recorded| other.path.is_none() && other.n_ops > 0;
        match self.others.iter().filter(is_dropped).count() {
            0 => Ok(()),
            1 => writeln!(f, "  one of them was not kept; --all keeps it"),
            n => writeln!(f, "  {n} of them were not kept; --all keeps them"),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(named) = &self.named {
            named.write(f, "")?;
        }
        if !self.others.is_empty() {
            self.write_others(f)?;
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        match self.status.success() {
            true => Ok(()),
            false => writeln!(
                f,
                "the program ended with {}; what it did is recorded",
                self.status
            ),
        }
    }
}

fn plural(n: usize, one: &str, more: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{} {more}", thousands(n)),
    }
}
