//! The steps of `check` that run beside the others, in a process of their own.
//!
//! The tests often wait: for a process, for a lock, for the linker. Two cores have time for both.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use xtask_base::Result;
use xtask_base::group::Group;
use xtask_base::process::target_dir;

use crate::check::Outcome;
use crate::times::Taken;

/// First those that build in directories of their own, so that cargo's locks keep neither side waiting. All steps that
/// ask rustup to install something are among them, because rustup must not run twice at once. When they have passed,
/// the tests have mostly been built, and the other steps build on that while the tests run.
pub(crate) const STEPS: &[&str] = &[
    "targets",
    "loom",
    "book",
    "emulate",
    "wasm",
    "provenance",
    "miri",
    "hardened",
    "portable",
    "doctests",
    "snippets",
    "rustdoc",
    "own_heap",
];

/// What runs now, if any: the steps in front look at it while they wait for their own commands.
static RUNS: Mutex<Option<Running>> = Mutex::new(None);

struct Running {
    group: Group,
    log: PathBuf,
    /// It is there as soon as all steps have passed.
    times: PathBuf,
}

fn runs() -> MutexGuard<'static, Option<Running>> {
    RUNS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The process that runs them. A drop before its end kills it, with all that it has started.
pub(crate) struct Beside;

/// An error if a step beside the others has failed by now; the message has the output up to there.
pub(crate) fn has_not_failed() -> Result {
    match &mut *runs() {
        // It is not waited for here once it has passed: its processor time would count to the step in front.
        Some(running) if !running.times.exists() => match running.group.ended() {
            Ok(Some(status)) if !status.success() => Err(what_failed(&running.log)),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn what_failed(log: &Path) -> String {
    let said = fs::read_to_string(log).unwrap_or_default();
    format!("a step beside the others failed:\n{said}")
}

impl Beside {
    /// Starts `check` on these steps, with its output in a file.
    pub(crate) fn start() -> Result<Self> {
        let [log, times] =
            ["check-beside.log", "check-beside.times"].map(|name| target_dir().join(name));
        let start = || {
            fs::create_dir_all(target_dir())?;
            match fs::remove_file(&times) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let output = File::create(&log)?;
            let mut check = Command::new(std::env::current_exe()?);
            check.args(["check", "--times"]).arg(&times).args(STEPS);
            check.stderr(output.try_clone()?).stdout(output);
            Group::start(&mut check)
        };
        let group =
            start().map_err(|error| format!("cannot run steps beside the others: {error}"))?;
        println!(
            "beside the others: {}; they write to {}",
            STEPS.join(", "),
            log.display()
        );
        *runs() = Some(Running { group, log, times });
        Ok(Self)
    }

    /// Waits for the end, and returns what each step took.
    ///
    /// # Errors
    ///
    /// A step failed; the message has the output up to there.
    pub(crate) fn finish(self) -> Result<Vec<Taken>> {
        let Some(Running { group, log, times }) = runs().take() else {
            return Ok(Vec::new());
        };
        let status = group.wait().map_err(|error| error.to_string())?;
        match status.success() {
            true => read(&times).map_err(|error| format!("{}: {error}", times.display())),
            false => Err(what_failed(&log)),
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        drop(runs().take());
    }
}

/// Writes what steps took for the process that waits for them: a line each, of tabs between name, milliseconds and
/// reason for a skip.
pub(crate) fn write(path: &Path, steps: &[Taken]) -> io::Result<()> {
    let line = |step: &Taken| {
        let cpu = step.cpu.map_or(0, |cpu| cpu.as_millis());
        let skipped = match &step.outcome {
            Outcome::Passed => "",
            Outcome::Skipped(why) => why,
        };
        format!(
            "{}\t{}\t{cpu}\t{skipped}\n",
            step.name,
            step.wall.as_millis()
        )
    };
    fs::write(path, steps.iter().map(line).collect::<String>())
}

fn read(path: &Path) -> io::Result<Vec<Taken>> {
    let text = fs::read_to_string(path)?;
    let steps = text.lines().map(parse).collect::<Option<_>>();
    steps.ok_or_else(|| io::Error::other("not the times of steps"))
}

fn parse(line: &str) -> Option<Taken> {
    let mut fields = line.splitn(4, '\t');
    let name = fields.next()?;
    let mut millis = || fields.next()?.parse().ok().map(Duration::from_millis);
    let (wall, cpu) = (millis()?, millis()?);
    let outcome = match fields.next()? {
        "" => Outcome::Passed,
        why => Outcome::Skipped(why.to_owned()),
    };
    Some(Taken {
        name: name.to_owned(),
        wall,
        cpu: (!cpu.is_zero()).then_some(cpu),
        outcome,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steps_took_comes_back_from_the_file() {
        let steps = [
            Taken {
                name: "loom".to_owned(),
                wall: Duration::from_millis(1500),
                cpu: Some(Duration::from_millis(2500)),
                outcome: Outcome::Passed,
            },
            Taken {
                name: "miri".to_owned(),
                wall: Duration::ZERO,
                cpu: None,
                outcome: Outcome::Skipped("needs Miri".to_owned()),
            },
        ];
        let path = std::env::temp_dir().join(format!("xtask-times-{}", std::process::id()));
        write(&path, &steps).unwrap();
        assert_eq!(read(&path).unwrap(), steps);
        fs::write(&path, "loom\t1500").unwrap();
        assert!(read(&path).is_err());
        fs::remove_file(&path).unwrap();
    }
}
