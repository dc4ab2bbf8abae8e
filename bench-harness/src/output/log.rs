//! The results of a run that is being made: on disk as they are made, so that nothing that stops the run loses them.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use bench_results::{Case, Environment, Measurement, Results, lines};

use super::{partial_beside, write};
use crate::shard::Shard;

/// The option that does not make another command of a command.
const RESUME: &str = "--resume";

/// The results of a run so far.
pub(crate) struct Log {
    results: Results,
    start: Instant,
    shard: Shard,
    kept: Option<Kept>,
}

/// The file that has them: beside that of the last whole run, whose place they take at the end.
struct Kept {
    path: PathBuf,
    file: Option<File>,
}

impl Log {
    /// Nothing yet of the run that `environment` describes, whose results are to be in `json`: of its cases,
    /// those that `shard` takes.
    pub(crate) fn new(environment: Environment, json: &Path, shard: Shard) -> Self {
        Self {
            results: Results {
                runs: vec![environment],
                ..Results::default()
            },
            start: Instant::now(),
            shard,
            kept: partial_beside(json).map(|path| Kept { path, file: None }),
        }
    }

    /// Takes over what an interrupted run of the same command left beside `json`, or what `json` has; nothing if there
    /// is neither file.
    ///
    /// # Errors
    ///
    /// A file that has no results, or none of the same command, machine, version and build.
    pub(crate) fn resume(&mut self, json: &Path) -> Result<()> {
        let partial = self.kept.as_ref().map(|kept| kept.path.as_path());
        let path = partial.filter(|path| path.is_file()).unwrap_or(json);
        if !path.is_file() {
            return Ok(());
        }
        let (mut earlier, cut) = lines::read(path)?;
        let fresh = &mut self.results.runs[0];
        let mut why = String::new();
        let is_same = |run: &&Environment| match difference(run, fresh) {
            None => true,
            Some(what) => {
                why = what;
                false
            }
        };
        let Some(run) = earlier.runs.iter().find(is_same) else {
            bail!(
                "{} cannot be resumed: {why}; without {RESUME} it is measured anew",
                path.display()
            );
        };
        fresh.id = run.id;
        let number = run.run;
        earlier.measurements.retain(|one| one.run == number);
        earlier.attachments.retain(|one| one.run == number);
        earlier.measurements.iter_mut().for_each(|one| one.run = 0);
        earlier.attachments.iter_mut().for_each(|one| one.run = 0);
        self.results.measurements = earlier.measurements;
        self.results.attachments = earlier.attachments;
        if let (Some(_), Some(last)) = (cut, self.results.measurements.last()) {
            let case = (*last.case).clone();
            self.forget(&case);
        }
        Ok(())
    }

    /// Whether `case`, the `index`-th of `n`, is to be measured on all that `names` has: this part takes it, and it was
    /// not measured already.
    pub(crate) fn wants<'a>(
        &mut self,
        (index, n): (usize, usize),
        case: &Case,
        names: impl IntoIterator<Item = &'a str>,
    ) -> bool {
        self.shard.takes(index, n) && !self.has(case, names)
    }

    /// Whether `case` was measured already on all that `names` has. If it was on some, that is forgotten: what is
    /// compared is measured together.
    pub(crate) fn has<'a>(
        &mut self,
        case: &Case,
        names: impl IntoIterator<Item = &'a str>,
    ) -> bool {
        let measured = self.results.measurements.iter();
        let own: Vec<&str> = measured
            .filter(|one| one.case.is_called_as(case))
            .map(|one| one.subject.name.as_str())
            .collect();
        if own.is_empty() {
            return false;
        }
        let is_whole = names.into_iter().all(|name| own.contains(&name));
        if !is_whole {
            self.forget(case);
        }
        is_whole
    }

    fn forget(&mut self, case: &Case) {
        self.results
            .measurements
            .retain(|one| !one.case.is_called_as(case));
        self.results
            .attachments
            .retain(|one| !one.case.is_called_as(case));
    }

    /// What there is of the run.
    pub(crate) fn results(&self) -> &Results {
        &self.results
    }

    /// Adds figures.
    pub(crate) fn add(&mut self, measurements: Vec<Measurement>) {
        self.add_all(Results {
            measurements,
            ..Results::default()
        });
    }

    /// Adds figures and what goes with them. A file that cannot be written is warned of: the run goes on.
    pub(crate) fn add_all(&mut self, new: Results) {
        let lines = lines::measured(&new, 0);
        self.results.measurements.extend(new.measurements);
        self.results.attachments.extend(new.attachments);
        let Some(kept) = &mut self.kept else {
            return;
        };
        let written = lines.and_then(|lines| kept.append(&self.results, &lines));
        if let Err(error) = written {
            eprintln!("warning: {error:#}; the run goes on");
            self.kept = None;
        }
    }

    /// The results of the run that ends here, unless it was interrupted.
    pub(crate) fn end(mut self, is_interrupted: bool) -> Results {
        let seconds = self.start.elapsed().as_secs_f64();
        self.results.runs[0].seconds = (!is_interrupted).then_some(seconds);
        self.results
    }
}

impl Kept {
    /// Writes what was added last, `lines`; the first time, all that there is.
    fn append(&mut self, all: &Results, lines: &str) -> Result<()> {
        match &mut self.file {
            Some(file) => file.write_all(lines.as_bytes()),
            None => {
                write(&self.path, &lines::of(all)?)?;
                File::options().append(true).open(&self.path).map(|file| {
                    self.file = Some(file);
                })
            }
        }
        .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Why the results of two runs do not belong together.
fn difference(earlier: &Environment, fresh: &Environment) -> Option<String> {
    if !is_same(&earlier.command, &fresh.command) {
        return Some(format!(
            "it was made by `{}`",
            without_option(&earlier.command)
        ));
    }
    if earlier.machine != fresh.machine {
        return Some(format!("it was made on {}", earlier.machine));
    }
    if earlier.versions != fresh.versions {
        return Some("the allocators had other versions".to_string());
    }
    let mut builds = fresh.builds.iter();
    if let Some((name, _)) = builds.find(|(name, crc)| earlier.builds.get(*name) != Some(crc)) {
        return Some(format!("it was made with another build of {name}"));
    }
    (earlier.seed != fresh.seed || earlier.reps != fresh.reps)
        .then(|| "seed or repetitions differ".to_string())
}

/// The command that goes on where `command` was interrupted.
pub(crate) fn resuming(command: &str) -> String {
    format!("{} {RESUME}", without_option(command))
}

/// Whether two commands do the same work.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    without_option(one) == without_option(other)
}

fn without_option(command: &str) -> String {
    let words = command.split(' ').filter(|word| *word != RESUME);
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use bench_results::{Family, Linkage, Outcome, Role, Subject, Suite};

    use super::*;
    use crate::report::records::measured;
    use crate::report::testing::environment;

    fn figure(name: &str, case: &Case) -> Measurement {
        let subject = Subject::new(name, Role::Peer, Family::Process, Linkage::Linked);
        measured(&subject, case, "time", Outcome::one(1.0))
    }

    #[test]
    fn what_was_measured_is_on_disk_at_once_and_not_measured_again() {
        let folder = tempfile::tempdir().unwrap();
        let json = folder.path().join("a.jsonl");
        let [one, two] = ["one", "two"].map(|name| Case::new(Suite::Kernel, name));
        let mut log = Log::new(environment(), &json, Shard::WHOLE);
        log.add(vec![figure("a", &one), figure("b", &one)]);
        log.add(vec![figure("a", &two), figure("b", &two)]);
        let partial = folder.path().join("a.partial.jsonl");
        let text = fs::read_to_string(&partial).unwrap();
        fs::write(&partial, &text[..text.len() - 3]).unwrap();
        let mut resumed = Log::new(environment(), &json, Shard::WHOLE);
        resumed.resume(&json).unwrap();
        assert!(resumed.has(&one, ["a", "b"]), "it is whole");
        assert!(!resumed.has(&two, ["a", "b"]), "it was cut off");
        assert!(!resumed.has(&one, ["a", "b", "c"]), "it lacks one");
        assert_eq!(resumed.end(true).measurements, []);
    }

    #[test]
    fn the_same_command_is_resumed_and_no_other() {
        let fresh = environment();
        let change = |change: fn(&mut Environment)| {
            let mut earlier = environment();
            change(&mut earlier);
            difference(&earlier, &fresh)
        };
        assert_eq!(change(|_| ()), None);
        assert_eq!(change(|run| run.command += " --resume"), None);
        type Change = fn(&mut Environment);
        let changes: [(Change, &str); 4] = [
            (
                |run| run.command += " --quick",
                "made by `cargo xtask bench --quick`",
            ),
            (|run| run.machine.kernel += "x", "made on"),
            (|run| run.versions.push(Default::default()), "versions"),
            (|run| run.seed = 7, "seed"),
        ];
        for (other, why) in changes {
            assert!(
                change(other).is_some_and(|what| what.contains(why)),
                "{why}"
            );
        }
        let mut fresh = environment();
        fresh.builds.insert("je".to_string(), 1);
        let rebuilt = difference(&environment(), &fresh).unwrap();
        assert_eq!(rebuilt, "it was made with another build of je");
    }
}
