//! What an earlier, interrupted run of the same command has done already.

use std::path::Path;

use anyhow::{Result, bail};

use crate::allocators::Entry;
use crate::output::{partial_beside, read_report};
use crate::report::{Report, WorkloadReport};
use crate::select::Selected;

/// The option that does not make another command of a command.
const OPTION: &str = "--resume";

/// Workloads that need not be measured again.
#[derive(Debug, Default)]
pub(crate) struct Done {
    workloads: Vec<WorkloadReport>,
    /// Seconds that they took.
    pub(crate) seconds: f64,
}

impl Done {
    /// What an interrupted run left beside `json`, or what `json` has, of the run that `fresh` begins;
    /// nothing if there is neither file.
    ///
    /// # Errors
    ///
    /// A file that is no report, or one of another command, machine, version or build.
    pub(crate) fn read(json: &Path, fresh: &Report) -> Result<Self> {
        let partial = partial_beside(json).filter(|partial| partial.is_file());
        let json = partial.as_deref().unwrap_or(json);
        if !json.is_file() {
            return Ok(Self::default());
        }
        let earlier = read_report(json)?;
        if let Some(what) = difference(&earlier, fresh) {
            bail!(
                "{} cannot be resumed: {what}; without {OPTION} it is measured anew",
                json.display()
            );
        }
        Ok(Self {
            workloads: earlier.workloads,
            seconds: earlier.seconds,
        })
    }

    /// The result of this workload on these allocators, if it is done.
    pub(crate) fn take(&mut self, wanted: &Selected, entries: &[&Entry]) -> Option<WorkloadReport> {
        let is_wanted = |done: &WorkloadReport| {
            done.name == wanted.script.name
                && done.fingerprint.is_some()
                && done.fingerprint == wanted.fingerprint
                && done.n_ops == wanted.script.steps.len()
                && done
                    .rows
                    .iter()
                    .map(|row| row.allocator.as_str())
                    .eq(names(entries))
        };
        let index = self.workloads.iter().position(is_wanted)?;
        Some(self.workloads.swap_remove(index))
    }
}

fn names<'a>(entries: &[&'a Entry]) -> impl Iterator<Item = &'a str> {
    entries.iter().map(|entry| entry.name)
}

/// Why the results of two runs do not belong together.
fn difference(earlier: &Report, fresh: &Report) -> Option<String> {
    let (before, now) = (
        without_option(&earlier.command),
        without_option(&fresh.command),
    );
    if before != now {
        return Some(format!("it was made by `{before}`"));
    }
    if earlier.machine != fresh.machine {
        return Some(format!("it was made on {}", earlier.machine));
    }
    if earlier.versions != fresh.versions {
        return Some("the allocators had other versions".to_string());
    }
    if let Some(name) = rebuilt(earlier, fresh) {
        return Some(format!("it was made with another build of {name}"));
    }
    (earlier.seed != fresh.seed || earlier.reps != fresh.reps)
        .then(|| "seed or repetitions differ".to_string())
}

/// What is another build now, or of which the earlier run did not say which build it was.
fn rebuilt<'a>(earlier: &Report, fresh: &'a Report) -> Option<&'a str> {
    let mut builds = fresh.builds.iter();
    let (name, _) = builds.find(|(name, build)| earlier.builds.get(*name) != Some(build))?;
    Some(name)
}

/// The command that goes on where `command` was interrupted.
pub(crate) fn resuming(command: &str) -> String {
    format!("{} {OPTION}", without_option(command))
}

/// Whether two commands do the same work.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    without_option(one) == without_option(other)
}

fn without_option(command: &str) -> String {
    let words = command.split(' ').filter(|word| *word != OPTION);
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::report;

    fn made_by(command: &str) -> Report {
        Report {
            command: command.to_string(),
            ..report(Vec::new())
        }
    }

    #[test]
    fn the_same_command_is_resumed_and_no_other() {
        let fresh = made_by("cargo xtask bench --quick --resume");
        assert_eq!(
            difference(&made_by("cargo xtask bench --quick"), &fresh),
            None
        );
        let other = difference(&made_by("cargo xtask bench"), &fresh).unwrap();
        assert!(other.contains("made by `cargo xtask bench`"), "{other}");
    }

    #[test]
    fn another_machine_or_version_is_not_resumed() {
        let fresh = made_by("cargo xtask bench");
        let mut earlier = fresh.clone();
        earlier.machine.kernel = "other".to_string();
        assert!(difference(&earlier, &fresh).unwrap().contains("made on"));
        let mut earlier = fresh.clone();
        earlier.versions = vec![("talc".to_string(), "0.1.0".to_string())];
        assert!(difference(&earlier, &fresh).unwrap().contains("versions"));
    }

    #[test]
    fn another_build_is_not_resumed() {
        let mut fresh = made_by("cargo xtask bench");
        fresh.builds = [("bench-harness".to_string(), 1), ("je".to_string(), 2)].into();
        let mut earlier = fresh.clone();
        assert_eq!(difference(&earlier, &fresh), None);
        for (name, build) in [("bench-harness", 1), ("je", 2)] {
            earlier.builds.insert(name.to_string(), 7);
            let why = difference(&earlier, &fresh).unwrap();
            assert_eq!(why, format!("it was made with another build of {name}"));
            earlier.builds.insert(name.to_string(), build);
        }
        earlier.builds.clear();
        assert!(difference(&earlier, &fresh).is_some(), "nobody knows");
    }
}
