//! Each mistake ends the process by `SIGABRT` with one line, and none hangs.
//!
//! In two builds of the program: as cargo builds it for this test, and without core-api's feature `std`,
//! on the hardened mode of thread-cached, where panics abort.

use std::fmt::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use core_api::Misuse::{self, CorruptHeader, DoubleFree, ForeignPointer, Reentered, Unwound};

/// A stage, its locks, and which of [`SEEN`] it sees.
struct Stage {
    name: &'static str,
    locks: &'static [&'static str],
    sees: [bool; SEEN.len()],
}

const ANY: &[&str] = &["local", "spin", "lock-api", "critical-section", "futex"];
const OWN: &[&str] = &["own"];

/// What a stage may see in its headers.
const SEEN: [(&str, Misuse); 3] = [
    ("double-free", DoubleFree),
    ("foreign-pointer", ForeignPointer),
    ("wrong-layout", CorruptHeader),
];

const fn stage(name: &'static str, locks: &'static [&'static str], sees: [bool; 3]) -> Stage {
    Stage { name, locks, sees }
}

const STAGES: &[Stage] = &[
    stage("bump", ANY, [false, false, false]),
    stage("freelist", ANY, [true, true, true]),
    stage("first-fit", ANY, [true, true, true]),
    stage("next-fit", ANY, [true, true, true]),
    stage("best-fit", ANY, [true, true, true]),
    stage("worst-fit", ANY, [true, true, true]),
    stage("coalescing", ANY, [true, false, true]),
    stage("immediate", ANY, [true, false, true]),
    stage("checked", ANY, [true, true, true]),
    stage("headerless", ANY, [true, true, true]),
    stage("mmap-backed", ANY, [true, true, true]),
    stage("mmap-backed", OWN, [true, true, true]),
    stage("thread-cached", OWN, [true, true, false]),
];

/// Code of the program that runs in a call of the heap, comes back into the heap or unwinds; and what
/// is said of it if the heap is the global allocator, and if it stands beside that one.
struct Return {
    mistake: &'static str,
    global: Misuse,
    local: Option<Misuse>,
}

impl Return {
    fn panics(&self) -> bool {
        self.mistake.ends_with("-panics")
    }
}

const fn back(mistake: &'static str, global: Misuse, local: Option<Misuse>) -> Return {
    Return {
        mistake,
        global,
        local,
    }
}

const RETURNS: &[Return] = &[
    back("source-panics", Reentered, Some(Unwound)),
    back("source-allocates", Reentered, None),
    back("closure-allocates", Reentered, Some(Reentered)),
    back("closure-panics", Reentered, None),
    back("handler-between", Reentered, Some(Reentered)),
    back("fatal-handler-allocates", DoubleFree, Some(DoubleFree)),
    back("fatal-handler-panics", DoubleFree, Some(DoubleFree)),
    back("abort-handler-allocates", DoubleFree, Some(DoubleFree)),
    back("abort-is-blocked", DoubleFree, Some(DoubleFree)),
];

/// Only a stage with a policy makes this one.
const POLICY_PANICS: Return = back("policy-panics", Reentered, Some(Unwound));

const BACKTRACES: [&str; 3] = ["0", "1", "full"];

/// How the program was built.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Build {
    /// By cargo, for this test.
    ForTest,
    /// Without core-api's `std`, hardened, and with panics that abort.
    Bare,
}

use Build::{Bare, ForTest};

impl Build {
    fn program(self) -> &'static Path {
        static BARE: OnceLock<PathBuf> = OnceLock::new();
        match self {
            ForTest => Path::new(env!("CARGO_BIN_EXE_mistakes")),
            Bare => BARE.get_or_init(build_bare),
        }
    }
}

/// In a directory of its own: this test is built from the other features.
fn build_bare() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--bin", "mistakes"])
        .args(["--no-default-features", "--features", "hardened"])
        .arg("--target-dir")
        .arg(&target)
        .env("CARGO_PROFILE_DEV_PANIC", "abort")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "cargo builds the program");
    target.join("debug/mistakes")
}

/// One run of the program.
struct Run {
    build: Build,
    stage: &'static str,
    lock: &'static str,
    mistake: &'static str,
    place: &'static str,
    backtrace: &'static str,
}

impl Run {
    /// The signal that ended the program, and what was said.
    fn output(&self) -> (Option<i32>, String) {
        let output = Command::new(self.build.program())
            .args([self.stage, self.lock, self.mistake, self.place])
            .env("RUST_BACKTRACE", self.backtrace)
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.signal(), said)
    }

    /// One word for how it ended.
    fn word(&self) -> String {
        let (signal, said) = self.output();
        let mut misuses = Misuse::ALL.iter();
        let last = said.lines().last().unwrap_or_default();
        let last = last.strip_prefix("fatal: ").unwrap_or_default();
        match (misuses.find(|misuse| misuse.message() == last), signal) {
            (Some(misuse), Some(libc::SIGABRT)) => format!("{misuse:?}"),
            (None, Some(libc::SIGABRT)) => "panic".to_owned(),
            (_, Some(signal)) => format!("signal {signal}"),
            (_, None) => "–".to_owned(),
        }
    }

    /// Ends by `SIGABRT`, after one line about the misuse, and after what a panic says if there is one.
    fn ends_with(&self, misuse: Misuse) {
        let (signal, said) = self.output();
        let args = [self.stage, self.lock, self.mistake, self.place];
        let case = format!("{args:?}, RUST_BACKTRACE={}: {said}", self.backtrace);
        assert_eq!(signal, Some(libc::SIGABRT), "{case}");
        let panics = self.mistake.ends_with("-panics");
        let expected = format!("fatal: {misuse}\n");
        match panics {
            false => assert_eq!(said, expected, "{case}"),
            // Where panics abort, the process may end before it asks for memory.
            true if self.build == Bare => assert!(said.lines().count() > 0, "{case}"),
            true => assert!(said.ends_with(&expected), "{case}"),
        }
        let n_lines = said.lines().filter(|line| line.starts_with("fatal: "));
        assert!(n_lines.count() <= 1, "{case}");
    }
}

/// Every stage and lock, and every place behind one lock that threads share; the backtraces take turns.
fn stages_end(build: Build) {
    let mut backtraces = BACKTRACES.into_iter().cycle();
    for stage in STAGES {
        let seen = SEEN.iter().zip(stage.sees).filter(|(_, sees)| *sees);
        for (&(mistake, misuse), _) in seen {
            for &lock in stage.locks {
                let places: &[_] = match lock {
                    "local" => &["main", "signal"],
                    "spin" | "own" => &["main", "threads", "together", "signal"],
                    _ => &["main"],
                };
                for &place in places {
                    let run = Run {
                        build,
                        stage: stage.name,
                        lock,
                        mistake,
                        place,
                        backtrace: backtraces.next().expect("a cycle"),
                    };
                    run.ends_with(misuse);
                }
            }
        }
    }
}

/// Every return on `stage` behind each lock, alone and beside threads; a panic with each backtrace.
fn returns_end(build: Build, stage: &'static str, returns: &[Return]) {
    for &lock in ANY {
        let is_local = lock == "local";
        for back in returns {
            let expected = if is_local {
                back.local
            } else {
                Some(back.global)
            };
            let Some(misuse) = expected else { continue };
            let places = if is_local {
                &["main"][..]
            } else {
                &["main", "threads"]
            };
            let n_backtraces = if back.panics() { BACKTRACES.len() } else { 1 };
            for &place in places {
                for backtrace in &BACKTRACES[..n_backtraces] {
                    let run = Run {
                        build,
                        stage,
                        lock,
                        mistake: back.mistake,
                        place,
                        backtrace,
                    };
                    run.ends_with(misuse);
                }
            }
        }
    }
}

#[test]
fn what_a_stage_sees_ends_the_process() {
    stages_end(ForTest);
}

#[test]
fn what_a_stage_sees_ends_the_process_without_std() {
    stages_end(Bare);
}

#[test]
fn coming_back_ends_the_process() {
    returns_end(ForTest, "coalescing", RETURNS);
    returns_end(ForTest, "moody-fit", &[POLICY_PANICS]);
}

#[test]
fn coming_back_ends_the_process_without_std() {
    returns_end(Bare, "coalescing", RETURNS);
    returns_end(Bare, "moody-fit", &[POLICY_PANICS]);
}

/// These two have no source, and one of them no look.
#[test]
fn coming_back_to_a_process_heap_ends_the_process() {
    for stage in ["mmap-backed", "thread-cached"] {
        let has_look = stage == "mmap-backed";
        let returns = RETURNS.iter().filter(|back| {
            let mistake = back.mistake;
            !mistake.starts_with("source") && (has_look || back.global == DoubleFree)
        });
        for back in returns {
            for build in [ForTest, Bare] {
                for place in ["main", "threads"] {
                    let run = Run {
                        build,
                        stage,
                        lock: "own",
                        mistake: back.mistake,
                        place,
                        backtrace: "1",
                    };
                    run.ends_with(back.global);
                }
            }
        }
    }
}

/// The table of the book.
fn table() -> String {
    let mut text = String::from(
        "| stage | double free | foreign pointer | wrong layout |\n|---|---|---|---|\n",
    );
    let cell = |sees| if sees { "seen" } else { "–" };
    for stage in STAGES
        .iter()
        .filter(|stage| stage.name != "mmap-backed" || stage.locks == OWN)
    {
        let [twice, foreign, layout] = stage.sees.map(cell);
        let _ = writeln!(text, "| {} | {twice} | {foreign} | {layout} |", stage.name);
    }
    text
}

#[test]
fn the_book_says_what_is_seen() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/safety.md");
    let book = std::fs::read_to_string(book).expect("the chapter");
    let table = table();
    assert!(book.contains(&table), "the chapter lacks:\n{table}");
}

/// What is said of every mistake, on every stage and behind every lock; in a build with std.
#[test]
#[ignore = "prints a table"]
fn matrix() {
    let returns = RETURNS.iter().map(|back| back.mistake);
    let seen = SEEN.iter().map(|(mistake, _)| *mistake);
    let mistakes: Vec<&str> = seen.chain(returns).collect();
    println!("| stage | lock | {} |", mistakes.join(" | "));
    println!("|---|---|{}", "---|".repeat(mistakes.len()));
    for stage in STAGES {
        for &lock in stage.locks {
            let run = |&mistake: &&'static str| Run {
                build: ForTest,
                stage: stage.name,
                lock,
                mistake,
                place: "main",
                backtrace: "1",
            };
            let words: Vec<String> = mistakes.iter().map(|name| run(name).word()).collect();
            println!("| {} | {lock} | {} |", stage.name, words.join(" | "));
        }
    }
}
