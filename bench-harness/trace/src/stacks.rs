//! Who asked for each block of a recording: a file beside the trace.
//!
//! `cargo xtask record --stacks` writes it: JSON, compressed by gzip. A stack is one line of function names from the
//! outermost to the innermost, with `;` between them: the *collapsed* form that flame graphs are made of.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::{Op, Trace};

/// Functions of a stack that tell where it is.
const INNERMOST: usize = 4;

/// The stacks of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stacks {
    /// The stacks, collapsed.
    pub stacks: Vec<String>,
    /// The index of the stack of each allocation, in the order of the trace's `Allocate` calls.
    pub sites: Vec<u32>,
}

/// By what the stacks of a flame graph are weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Weight {
    /// Allocations.
    Calls,
    /// Bytes of all allocations.
    Bytes,
    /// Bytes that are live when most are.
    Peak,
}

impl Stacks {
    /// Reads the file at `path`.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is no such file.
    pub fn load(path: &Path) -> Result<Self> {
        let shown = || format!("{} is no file of stacks", path.display());
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        let stacks: Self =
            serde_json::from_reader(GzDecoder::new(BufReader::new(file))).with_context(shown)?;
        let n = stacks.stacks.len() as u32;
        ensure!(stacks.sites.iter().all(|site| *site < n), shown());
        Ok(stacks)
    }

    /// Writes it to `path`.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = GzEncoder::new(File::create(path)?, Compression::fast());
        serde_json::to_writer(&mut file, self)?;
        file.finish()?.flush()
    }

    /// The innermost functions of a stack, the innermost first.
    pub fn site(stack: &str) -> String {
        let innermost: Vec<&str> = stack.rsplit(';').take(INNERMOST).collect();
        innermost.join(" < ")
    }

    /// The collapsed stacks with their weights, the heaviest first: what flame graphs are made of.
    ///
    /// # Errors
    ///
    /// The trace is of another recording.
    pub fn collapsed(&self, trace: &Trace, weight: Weight) -> Result<String> {
        let weights = self.weights(trace, weight);
        let weights = weights.context("the trace and the stacks are not of one recording")?;
        let mut lines: Vec<(&str, u64)> = self
            .stacks
            .iter()
            .map(String::as_str)
            .zip(weights)
            .collect();
        lines.retain(|(_, weight)| *weight > 0);
        lines.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        Ok(lines
            .iter()
            .map(|(stack, weight)| format!("{stack} {weight}\n"))
            .collect())
    }

    /// The weight of each stack; `None` if there are other allocations.
    fn weights(&self, trace: &Trace, weight: Weight) -> Option<Vec<u64>> {
        let peak = trace.peak().n_ops;
        let mut weights = vec![0; self.stacks.len()];
        let mut live: HashMap<u32, (u32, u64)> = HashMap::new();
        let mut sites = self.sites.iter();
        for (index, op) in trace.ops.iter().enumerate() {
            match *op {
                Op::Allocate { slot, size, .. } => {
                    let site = *sites.next()?;
                    live.insert(slot, (site, size as u64));
                    weights[site as usize] += match weight {
                        Weight::Calls => 1,
                        Weight::Bytes => size as u64,
                        Weight::Peak => 0,
                    };
                }
                Op::Resize { slot, size } => live.get_mut(&slot)?.1 = size as u64,
                Op::Free { slot } => drop(live.remove(&slot)),
            }
            if weight == Weight::Peak && index + 1 == peak {
                for (site, size) in live.values() {
                    weights[*site as usize] += size;
                }
            }
        }
        sites.next().is_none().then_some(weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rep::{self, Strictness};

    fn recording() -> (Trace, Stacks) {
        let text = "20000\n3\n6\n1\na 0 100\na 1 200\nf 0\na 2 50\nf 1\nf 2\n";
        let trace = rep::read(text.as_bytes(), "t", Strictness::Strict).unwrap();
        let stacks = ["main;f", "main;g;h"].map(str::to_string).to_vec();
        (
            trace,
            Stacks {
                stacks,
                sites: vec![0, 1, 1],
            },
        )
    }

    #[test]
    fn collapsed_stacks_are_weighed_by_calls_bytes_and_the_peak() {
        let (trace, stacks) = recording();
        let text = |weight| stacks.collapsed(&trace, weight).unwrap();
        assert_eq!(text(Weight::Calls), "main;g;h 2\nmain;f 1\n");
        assert_eq!(text(Weight::Bytes), "main;g;h 250\nmain;f 100\n");
        assert_eq!(text(Weight::Peak), "main;g;h 200\nmain;f 100\n");
        assert_eq!(Stacks::site("main;g;h"), "h < g < main");
    }

    #[test]
    fn stacks_are_read_as_they_were_written_and_others_are_refused() {
        let (trace, stacks) = recording();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.stacks");
        stacks.write(&path).unwrap();
        assert_eq!(Stacks::load(&path).unwrap(), stacks);
        std::fs::write(&path, "no stacks").unwrap();
        assert!(Stacks::load(&path).is_err());
        let fewer = Stacks {
            sites: vec![0],
            ..stacks
        };
        assert!(fewer.collapsed(&trace, Weight::Calls).is_err());
    }
}
