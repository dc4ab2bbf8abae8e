//! What was recorded, to be read by a person.

use std::fmt;
use std::path::PathBuf;
use std::process::ExitStatus;

use super::Recording;
use crate::Peak;
use crate::units::{bytes, thousands};

/// The processes that show in full; the others are counted.
const N_SHOWN: usize = 8;

/// What came of a recorded program.
#[derive(Debug)]
pub struct Summary {
    /// Its processes, that with most calls first; at least one.
    pub processes: Vec<Recorded>,
    /// How the program ended.
    pub status: ExitStatus,
}

/// One process of the program.
#[derive(Debug)]
pub struct Recorded {
    /// Its trace.
    pub path: PathBuf,
    /// The program's name.
    pub program: String,
    /// Its id.
    pub pid: u32,
    /// How many calls it made.
    pub n_ops: usize,
    /// How many threads made them.
    pub n_threads: u32,
    /// When most was live.
    pub peak: Peak,
    /// See [`Recording::n_inherited`].
    pub n_inherited: usize,
    /// See [`Recording::n_unseen`].
    pub n_unseen: usize,
    /// See [`Recording::stopped`].
    pub stopped: i32,
}

impl Recorded {
    pub(super) fn new(path: PathBuf, recording: Recording) -> Self {
        Self {
            path,
            pid: recording.pid,
            n_ops: recording.trace.ops.len(),
            n_threads: recording.trace.provenance.threads,
            peak: recording.trace.peak(),
            n_inherited: recording.n_inherited,
            n_unseen: recording.n_unseen,
            stopped: recording.stopped,
            program: recording.trace.name,
        }
    }

    fn write_notes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.n_inherited > 0 {
            let n = thousands(self.n_inherited);
            writeln!(
                f,
                "  left out: {n} frees of blocks from before the recording"
            )?;
        }
        if self.n_unseen > 0 {
            let n = thousands(self.n_unseen);
            writeln!(
                f,
                "  put in: {n} frees that were not seen, when their address came again"
            )?;
        }
        if self.stopped != 0 {
            let error = std::io::Error::from_raw_os_error(self.stopped);
            writeln!(f, "  the recording stopped before the process did: {error}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = thousands(self.n_ops);
        let threads = plural(self.n_threads, "thread");
        let (peak, blocks) = (bytes(self.peak.bytes), thousands(self.peak.n_blocks));
        writeln!(
            f,
            "{} (process {}): {calls} calls by {threads}, peak live {peak} in {blocks} blocks",
            self.program, self.pid
        )?;
        self.write_notes(f)?;
        writeln!(f, "  {}", self.path.display())
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, others) = self.processes.split_at(N_SHOWN.min(self.processes.len()));
        for process in shown {
            process.fmt(f)?;
        }
        if !others.is_empty() {
            let n_ops: usize = others.iter().map(|process| process.n_ops).sum();
            let (n, n_ops) = (others.len(), thousands(n_ops));
            writeln!(f, "{n} smaller processes beside them: {n_ops} calls")?;
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

fn plural(n: u32, word: &str) -> String {
    match n {
        1 => format!("1 {word}"),
        n => format!("{n} {word}s"),
    }
}
