//! Which allocators and which workloads: from names to tables and traces.

mod names;
mod peers;
mod shipped;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bench_results::{Case, Suite};
use tempfile::TempDir;

use crate::allocators::{self, Entry};
use crate::script::Script;
use crate::trace::{Origin, Trace};
use crate::workloads::{Profile, Recipe, THREADED, ThreadedWorkload, WORKLOADS, Workload};

use names::{check_is_replayed, check_name};
pub use peers::Peers;
pub use shipped::{shipped_traces, workspace};

/// The generated workloads of a run that names none.
const DEFAULT_WORKLOADS: &[&str] = &["churn", "ramp", "random-actions"];

/// Names all shipped traces and generated workloads.
const ALL: &str = "all";

/// A workload that is ready to be replayed by children.
#[derive(Debug)]
pub struct Selected {
    /// Where it comes from, or what it asks.
    pub about: String,
    /// The file that children read.
    pub path: PathBuf,
    /// What they make the trace by instead.
    pub recipe: Option<Recipe>,
    /// What they will replay.
    pub script: Script,
    /// CRC-32 of the trace's operations.
    pub fingerprint: Option<u32>,
    /// Whether several threads make its calls and replay them.
    pub is_threaded: bool,
}

impl Selected {
    /// The case that it is, in records.
    pub(crate) fn case(&self) -> Case {
        Case {
            fingerprint: self.fingerprint,
            n_ops: Some(self.script.steps.len()),
            ..Case::new(Suite::Trace, &self.script.name)
        }
    }
}

/// What a user asked for.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Allocators; the stages and `peers` if empty.
    pub allocators: Vec<String>,
    /// Which peers, if no allocators are named.
    pub peers: Peers,
    /// Shipped traces and generated workloads by name.
    pub workloads: Vec<String>,
    /// Trace files.
    pub traces: Vec<PathBuf>,
    /// CSV files of sizes, of which traces are made.
    pub profiles: Vec<PathBuf>,
    /// Replay what is whole of a damaged trace file.
    pub prefix: bool,
    /// Refuse a `.rep` file that strays from its format.
    pub strict: bool,
    /// Seed of generated workloads.
    pub seed: u64,
    /// Threads of workloads that have several; as many as there are CPUs if `None`.
    pub n_threads: Option<u16>,
    /// Operations of a generated workload.
    pub n_ops: usize,
    /// Operations after which any workload is cut off.
    pub cut: Option<usize>,
}

impl Wishes {
    /// The allocators, in the order of the table.
    ///
    /// # Errors
    ///
    /// An unknown name, with the nearest known one.
    pub fn allocators(&self) -> Result<Vec<Entry>> {
        let all = allocators::all();
        let known: Vec<&str> = all.iter().map(|entry| entry.name).collect();
        for name in &self.allocators {
            check_name("allocator", name, &known)?;
        }
        let is_chosen = |entry: &Entry| match self.allocators.is_empty() {
            true => self.peers.include(entry),
            false => self.allocators.iter().any(|name| name == entry.name),
        };
        Ok(all.into_iter().filter(is_chosen).collect())
    }

    /// The workloads: what was named, or the shipped traces and three generated ones. Generated
    /// ones are written to `scratch` for the children to read.
    ///
    /// # Errors
    ///
    /// An unknown name, with the nearest known one, or a trace that cannot be used.
    pub fn workloads(&self, scratch: &TempDir) -> Result<Vec<Selected>> {
        let shipped = shipped_traces()?;
        let mut known: Vec<&str> = shipped.iter().map(|(name, _)| name.as_str()).collect();
        known.extend(WORKLOADS.iter().map(|workload| workload.name));
        known.extend(THREADED.iter().map(|workload| workload.name));
        known.push(ALL);
        for name in &self.workloads {
            check_is_replayed(name)?;
            check_name("workload", name, &known)?;
        }
        let mut selected = Vec::new();
        for path in &self.traces {
            selected.push(self.file(path, scratch)?);
        }
        for path in &self.profiles {
            selected.push(self.profiled(path, scratch)?);
        }
        for (_, path) in shipped.iter().filter(|(name, _)| self.wants(name)) {
            selected.push(self.recorded(path)?);
        }
        for workload in WORKLOADS
            .iter()
            .filter(|workload| self.wants(workload.name))
        {
            selected.push(self.generated(workload, scratch)?);
        }
        for workload in THREADED.iter().filter(|workload| self.wants(workload.name)) {
            selected.push(self.threaded(workload)?);
        }
        Ok(selected)
    }

    fn wants(&self, name: &str) -> bool {
        let is_generated = WORKLOADS.iter().any(|workload| workload.name == name)
            || THREADED.iter().any(|workload| workload.name == name);
        let has_files = !self.traces.is_empty() || !self.profiles.is_empty();
        match (self.workloads.is_empty(), !has_files) {
            (true, true) => !is_generated || DEFAULT_WORKLOADS.contains(&name),
            (true, false) => false,
            (false, _) => {
                let is_wanted = |wanted: &String| wanted == name || wanted == ALL;
                self.workloads.iter().any(is_wanted)
            }
        }
    }

    /// A file named by the user, which may be damaged.
    fn file(&self, path: &Path, scratch: &TempDir) -> Result<Selected> {
        if !self.prefix {
            return self.recorded(path);
        }
        let (trace, damage) = Trace::load_prefix(path)?;
        if let Some(damage) = damage {
            eprintln!("warning: {damage}");
        }
        let whole = scratch.path().join(&trace.name).with_extension("trace");
        trace.write(&whole)?;
        self.select(&trace, about(&trace), whole)
    }

    fn recorded(&self, path: &Path) -> Result<Selected> {
        let trace = match self.strict {
            true => Trace::load_strict(path)?,
            false => Trace::load(path)?,
        };
        let about = about(&trace);
        self.select(&trace, about, path.to_path_buf())
    }

    fn generated(&self, workload: &Workload, scratch: &TempDir) -> Result<Selected> {
        let n_ops = self.cut.unwrap_or(workload.usual_ops());
        let trace = (workload.generate)(self.seed, n_ops);
        let path = scratch.path().join(workload.name).with_extension("trace");
        trace.write(&path)?;
        self.select(&trace, workload.question.to_string(), path)
    }

    fn profiled(&self, path: &Path, scratch: &TempDir) -> Result<Selected> {
        let profile = Profile::load(path).with_context(|| path.display().to_string())?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let trace = profile.generate(&name, self.seed, self.n_ops);
        let whole = scratch.path().join(format!("profile-{name}.trace"));
        trace.write(&whole)?;
        let about = format!("generated from the sizes of {}", path.display());
        self.select(&trace, about, whole)
    }

    fn threaded(&self, workload: &ThreadedWorkload) -> Result<Selected> {
        let here = || std::thread::available_parallelism().map_or(1, usize::from);
        let n_threads = self
            .n_threads
            .unwrap_or_else(|| u16::try_from(here()).unwrap_or(u16::MAX));
        let trace = (workload.generate)(self.seed, self.n_ops, n_threads);
        let about = format!("{} ({n_threads} threads)", workload.question);
        let selected = self.select(&trace, about, PathBuf::new())?;
        Ok(Selected {
            recipe: Some(Recipe {
                workload: workload.name.to_string(),
                seed: self.seed,
                n_ops: self.n_ops,
                n_threads,
            }),
            ..selected
        })
    }

    fn select(&self, trace: &Trace, about: String, path: PathBuf) -> Result<Selected> {
        Ok(Selected {
            about,
            script: Script::new(trace, self.cut)?,
            fingerprint: trace.fingerprint().ok(),
            is_threaded: trace.is_threaded(self.cut),
            path,
            recipe: None,
        })
    }
}

/// Where a trace comes from, in its own words.
pub(crate) fn about(trace: &Trace) -> String {
    let provenance = &trace.provenance;
    let origin = match provenance.origin {
        Origin::Recorded => "recorded from",
        Origin::Generated => "generated by",
        Origin::Imported => "imported",
    };
    let words = [
        origin,
        &provenance.program,
        &provenance.version,
        &provenance.note,
    ];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::peers::DEFAULT_PEERS;
    use super::*;
    use crate::allocators::BASELINE;

    fn names(peers: Peers) -> Vec<&'static str> {
        let wishes = Wishes {
            peers,
            ..Wishes::default()
        };
        let entries = wishes.allocators().unwrap();
        entries.iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn each_choice_of_peers_holds_the_one_before_and_libc() {
        let choices = [Peers::None, Peers::Few, Peers::Rust, Peers::All].map(names);
        assert!(choices[0].contains(&BASELINE) && choices[0].contains(&"bump"));
        assert!(choices[0].len() < choices[1].len() && choices[1].len() < choices[2].len());
        for pair in choices.windows(2) {
            assert!(
                pair[0].iter().all(|name| pair[1].contains(name)),
                "{pair:?}"
            );
        }
        assert!(choices[3].iter().all(|name| !name.starts_with("test-")));
    }

    #[test]
    fn every_default_peer_is_in_the_table() {
        for name in DEFAULT_PEERS {
            assert!(allocators::find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn an_allocator_that_is_named_needs_no_choice_of_peers() {
        let wishes = Wishes {
            allocators: vec!["sefer".to_string()],
            peers: Peers::None,
            ..Wishes::default()
        };
        assert_eq!(wishes.allocators().unwrap().len(), 1);
    }
}
