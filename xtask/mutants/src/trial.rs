//! Running tests with a fault in the sources.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutants::Fault;
use xtask_base::Result;
use xtask_base::process::{self, Ended, run_limited};
use xtask_base::tree::{self, Tree};

/// Building and sound tests end well within this.
const PATIENCE: Duration = Duration::from_secs(900);

/// With a fault, tests have this long at least, and this many times what they take without one.
const SHORTEST_LIMIT: Duration = Duration::from_secs(20);
const SLOWDOWN: u32 = 4;

pub(super) enum Verdict {
    /// Names the first test that failed, or how the tests ended otherwise.
    Caught(String),
    Hung(Duration),
    Survived,
    /// The compiler refused it: the fault proves nothing about the tests.
    DoesNotCompile,
    /// The tests fail without any fault, so that their failure proves nothing.
    FailsAnyway,
}

impl Verdict {
    pub(super) fn is_caught(&self) -> bool {
        matches!(self, Self::Caught(_) | Self::Hung(_))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caught(by) => write!(f, "caught by {by}"),
            Self::Hung(limit) => write!(f, "caught: no end within {} s", limit.as_secs()),
            Self::Survived => f.write_str("SURVIVED"),
            Self::DoesNotCompile => f.write_str("DOES NOT COMPILE"),
            Self::FailsAnyway => f.write_str("NOT TRIED: its tests fail without any fault"),
        }
    }
}

/// The copy, and what each suite takes when nothing is wrong, if it passes at all.
pub(super) struct Trial {
    original: Tree,
    /// A folder for the copy, what is built from it, and the logs.
    dir: PathBuf,
    /// By the tests' arguments.
    times: BTreeMap<Vec<String>, Option<Duration>>,
}

impl Trial {
    pub(super) fn new(original: Tree, dir: PathBuf) -> Result<Self> {
        let logs = process::target_folder(dir.join("logs"))?;
        println!("a log of each run is in {}", logs.display());
        let times = BTreeMap::new();
        Ok(Self {
            original,
            dir,
            times,
        })
    }

    /// Seeds the fault and sees what the tests make of it.
    pub(super) fn run(&mut self, fault: &Fault) -> Result<Verdict> {
        restore(&self.copy(), &self.original)?;
        let Some(limit) = self.limit(&fault.tests)? else {
            return Ok(Verdict::FailsAnyway);
        };
        let text = fault.seed(&self.original)?;
        tree::write(&self.copy(), [(&*fault.file, text.as_bytes())])?;
        let log = self.log(&fault.name);
        let verdict = match self.test(&fault.tests, &["--no-run"], &log, PATIENCE)? {
            Ended::Exited(status) if status.success() => self.judge(&fault.tests, &log, limit),
            _ => Ok(Verdict::DoesNotCompile),
        };
        restore(&self.copy(), &self.original)?;
        verdict
    }

    fn judge(&self, tests: &[String], log: &Path, limit: Duration) -> Result<Verdict> {
        Ok(match self.test(tests, &[], log, limit)? {
            Ended::TimedOut => Verdict::Hung(limit),
            Ended::Exited(status) if status.success() => Verdict::Survived,
            Ended::Exited(_) => {
                let output = fs::read(log).unwrap_or_default();
                Verdict::Caught(first_failure(&String::from_utf8_lossy(&output)))
            }
        })
    }

    /// How long the tests may take with a fault: known after they passed without one.
    fn limit(&mut self, tests: &[String]) -> Result<Option<Duration>> {
        if !self.times.contains_key(tests) {
            let time = self.time_when_sound(tests)?;
            self.times.insert(tests.to_owned(), time);
        }
        Ok(self.times[tests].map(|time| (time * SLOWDOWN).max(SHORTEST_LIMIT)))
    }

    fn time_when_sound(&self, tests: &[String]) -> Result<Option<Duration>> {
        let log = self.log(&format!("sound{}", tests.join("-")));
        self.test(tests, &["--no-run"], &log, PATIENCE)?;
        let started = Instant::now();
        let ended = self.test(tests, &[], &log, PATIENCE)?;
        let passed = matches!(ended, Ended::Exited(status) if status.success());
        Ok(passed.then(|| started.elapsed()))
    }

    fn test(&self, tests: &[String], args: &[&str], log: &Path, limit: Duration) -> Result<Ended> {
        let mut command = process::cargo(&["test"]);
        command.args(args).args(tests).current_dir(self.copy());
        command.env("CARGO_TARGET_DIR", self.dir.join("target"));
        command.env("CARGO_TERM_COLOR", "never");
        // The next fault must be found without this one's seed.
        command.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true");
        run_limited(&mut command, log, limit)
    }

    fn copy(&self) -> PathBuf {
        self.dir.join("tree")
    }

    fn log(&self, name: &str) -> PathBuf {
        self.dir.join("logs").join(format!("{name}.txt"))
    }
}

/// Makes the copy equal to the original, without what tests or an earlier fault left behind.
fn restore(copy: &Path, original: &Tree) -> Result {
    let failed = |error| format!("{}: {error}", copy.display());
    fs::create_dir_all(copy).map_err(failed)?;
    let present = Tree::read(copy)?;
    for (path, _) in present.files().filter(|(path, _)| !original.has(path)) {
        fs::remove_file(copy.join(path)).map_err(failed)?;
    }
    tree::write(copy, original.files())
}

/// The first test that the output calls failed, or how the process ended.
fn first_failure(output: &str) -> String {
    let failed = output.lines().find_map(|line| {
        let test = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
        Some(format!("`{test}`"))
    });
    let signal = || {
        let (_, rest) = output.split_once("(signal: ")?;
        Some(format!(
            "a crash, signal {}",
            rest.split([',', ')']).next()?
        ))
    };
    failed
        .or_else(signal)
        .unwrap_or_else(|| "a test process that failed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_comes_back_to_the_original() {
        let dir = std::env::temp_dir().join(format!("xtask-copy-{}", std::process::id()));
        let original = Tree::of(&[("a/b.rs", "one"), ("c.md", "two")]);
        restore(&dir, &original).unwrap();
        let changed = || fs::metadata(dir.join("c.md")).unwrap().modified().unwrap();
        let written = changed();
        tree::write(&dir, [("a/b.rs", &b"changed"[..]), ("a/stray.rs", b"")]).unwrap();
        restore(&dir, &original).unwrap();
        let now = Tree::read(&dir).unwrap();
        assert_eq!(now.text("a/b.rs"), Some("one"));
        assert!(!now.has("a/stray.rs"));
        assert_eq!(written, changed());
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn the_first_failed_test_or_a_crash_is_named() {
        let output = "test a ... ok\ntest b::c ... FAILED\ntest d ... FAILED\n";
        assert_eq!(first_failure(output), "`b::c`");
        let crash = "process didn't exit successfully: `x` (signal: 11, SIGSEGV: invalid)";
        assert_eq!(first_failure(crash), "a crash, signal 11");
        assert_eq!(first_failure(""), "a test process that failed");
    }
}
