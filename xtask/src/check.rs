//! `check`: every step that must pass before a change goes in.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use xtask_base::options::Options;
use xtask_base::process::{self, cargo, nightly, succeed, target_dir, works};
use xtask_base::{Result, launch, listing, nearest, rustup, tree};

use crate::beside::{self, Beside};
use crate::times::{Taken, cpu_of_children, summary};
use crate::{book, emulate, instructions, no_std, targets, wasm};

/// How a step ended that did not fail.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// All of it or a part could not be run; the text says why, or how to get what is missing.
    Skipped(String),
}

struct Step {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<Outcome>,
}

/// Those of thread-cached that say something of the hardened mode: `unloading` has a program of its own.
const HARDENED_TESTS: &[&str] = &["it", "handlers", "large_pages", "moving", "threads"];

/// So many steps run before the others: formatting and names, which take seconds.
const FIRST: usize = 2;

/// Cheap and telling steps first.
const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "the sources are formatted",
        run: || passes(cargo(&["fmt", "--all", "--check"])),
    },
    Step {
        name: "tidy",
        about: "names in docs, the dependency picture, casts, invariants",
        run: || passes(launch::tool("tidy", &["tidy"], &[])),
    },
    Step {
        name: "clippy",
        about: "no warnings, in any target, with every feature; examples compile",
        run: || {
            let scope = ["clippy", "--workspace", "--all-targets", "--all-features"];
            let mut command = cargo(&scope);
            command.args(["--", "-D", "warnings"]);
            passes(command)
        },
    },
    Step {
        name: "no_std",
        about: "core-api and the stages build without std",
        run: || no_std::run().map(|()| Outcome::Passed),
    },
    Step {
        name: "targets",
        about: "core-api and the portable stages compile for 32 bits, where rustup can install the targets",
        run: targets::check,
    },
    Step {
        name: "tests",
        about: "unit, property and contract tests",
        run: || {
            passes(cargo(&[
                "test",
                "--workspace",
                "--exclude",
                "snippets",
                "--tests",
            ]))
        },
    },
    Step {
        name: "hardened",
        about: "thread-cached's tests, but for those of figures, in the hardened mode",
        run: || {
            let mut command = cargo(&[
                "test",
                "-p",
                "malloc-ladder-thread-cached",
                "--features",
                "hardened",
            ]);
            command.arg("--lib");
            for test in HARDENED_TESTS {
                command.args(["--test", test]);
            }
            passes(command)
        },
    },
    Step {
        name: "portable",
        about: "threads come and go where thread-cached has no assembler for its thread local",
        run: || {
            let mut command = cargo(&["test", "-p", "malloc-ladder-thread-cached"]);
            command.args(["--features", "dynamic-tls"]);
            command.args(["--test", "threads", "--test", "unloading"]);
            passes(command)
        },
    },
    Step {
        name: "loom",
        about: "thread-cached's lock-free paths in every interleaving",
        run: || {
            let mut command = cargo(&[
                "test",
                "-p",
                "malloc-ladder-thread-cached",
                "--test",
                "loom",
            ]);
            // Everything is compiled otherwise with this flag, so it has a place of its own.
            command.env("RUSTFLAGS", "--cfg loom");
            command.arg("--target-dir").arg(target_dir().join("loom"));
            passes(command)
        },
    },
    Step {
        name: "doctests",
        about: "the examples in docs and READMEs run",
        run: || {
            let mut command = cargo(&["test", "--workspace", "--doc"]);
            // The examples of thread-cached's twin are thread-cached's.
            command.args(["--exclude", "snippets", "--exclude", "hardened-heap"]);
            passes(command)
        },
    },
    Step {
        name: "snippets",
        about: "the READMEs' code runs with the features that they print and no others",
        run: || passes(cargo(&["test", "-p", "snippets"])),
    },
    Step {
        name: "rustdoc",
        about: "the API docs build without warnings",
        run: || {
            let mut command = cargo(&["doc", "--workspace", "--no-deps", "--all-features"]);
            command.env("RUSTDOCFLAGS", "-D warnings");
            passes(command)
        },
    },
    Step {
        name: "book",
        about: "the book builds, the links on its pages lead somewhere, and its figures move",
        run: book::check,
    },
    Step {
        name: "instructions",
        about: "bump's allocate is at most 11 instructions and one branch",
        run: instructions::check,
    },
    Step {
        name: "emulate",
        about: "a program on a static heap runs in an emulated microcontroller, where QEMU is installed",
        run: emulate::check,
    },
    Step {
        name: "wasm",
        about: "the heap for WebAssembly runs the bench's loops in node, where node is installed",
        run: wasm::check,
    },
    Step {
        name: "own_heap",
        about: "tidy runs on the fifth stage as its global allocator",
        run: || {
            let features = ["run", "--quiet", "-p", "tidy", "--features", "mmap-backed"];
            let mut command = cargo(&features);
            command.args(["--", "tidy"]);
            passes(command)
        },
    },
    Step {
        name: "provenance",
        about: "no cast between pointers and integers (a lint of nightly)",
        run: provenance,
    },
    Step {
        name: "miri",
        about: "unit tests and resized blocks under Miri with strict provenance",
        run: miri,
    },
];

pub(crate) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    if options.flag("--list") {
        options.finish()?;
        return listing::print(
            STEPS
                .iter()
                .map(|step| format!("{:<14}{}", step.name, step.about)),
        );
    }
    let times = options.value("--times")?;
    let names = options.words()?;
    if names.is_empty() {
        return match times {
            Some(_) => Err("`--times` needs the names of steps".to_owned()),
            None => all(),
        };
    }
    let started = Instant::now();
    let taken = choose(&names)?
        .into_iter()
        .map(timed)
        .collect::<Result<Vec<_>>>()?;
    match times {
        Some(path) => {
            beside::write(Path::new(&path), &taken).map_err(|error| format!("{path}: {error}"))
        }
        None => {
            println!("{}", summary(&taken, started.elapsed()));
            Ok(())
        }
    }
}

/// Runs all steps, two at a time where they do not keep each other waiting.
fn all() -> Result {
    let started = Instant::now();
    let (first, others) = STEPS.split_at(FIRST);
    let mut taken = first.iter().map(timed).collect::<Result<Vec<_>>>()?;
    let beside = Beside::start()?;
    for step in others
        .iter()
        .filter(|step| !beside::STEPS.contains(&step.name))
    {
        taken.push(timed(step)?);
    }
    taken.extend(beside.finish()?);
    println!("{}", summary(&taken, started.elapsed()));
    Ok(())
}

fn timed(step: &Step) -> Result<Taken> {
    println!("== {}: {}", step.name, step.about);
    let (started, cpu) = (Instant::now(), cpu_of_children());
    let outcome = (step.run)().map_err(|error| match beside::has_not_failed() {
        // This step was only ended.
        Err(why) => why,
        Ok(()) => format!(
            "{error}\nstep `{0}` failed; to run it again: cargo xtask check {0}",
            step.name
        ),
    })?;
    Ok(Taken {
        name: step.name.to_owned(),
        wall: started.elapsed(),
        cpu: cpu_of_children().zip(cpu).map(|(now, before)| now - before),
        outcome,
    })
}

/// Runs one step as a command of its own, without arguments. What would be skipped is an error.
pub(crate) fn alone(args: &[String], step: fn() -> Result<Outcome>) -> Result {
    Options::new(args).finish()?;
    match step()? {
        Outcome::Passed => Ok(()),
        Outcome::Skipped(why) => Err(why),
    }
}

fn choose(names: &[String]) -> Result<Vec<&'static Step>> {
    names.iter().map(|name| find(name)).collect()
}

fn find(name: &str) -> Result<&'static Step> {
    let list = "`cargo xtask check --list` names them";
    let unknown = format!("there is no step `{name}`");
    let found = nearest::find(name, STEPS, |step| step.name, &unknown, "");
    found.map_err(|error| format!("{} {list}", error.trim_end()))
}

fn passes(mut command: Command) -> Result<Outcome> {
    println!("$ {}", process::line(&command));
    process::succeed_while(&mut command, beside::has_not_failed).map(|()| Outcome::Passed)
}

/// The lint is unstable, so it is asked of nightly, crate by crate, in a directory of its own.
fn provenance() -> Result<Outcome> {
    if !works(&mut nightly(&["cargo", "--version"])) {
        let how = "needs nightly: rustup toolchain install nightly";
        return Ok(Outcome::Skipped(how.to_owned()));
    }
    for name in no_std::ladder()? {
        let package = tree::package(&name);
        let mut command = nightly(&["cargo", "rustc", "--quiet", "--lib", "-p", &package]);
        command
            .args([
                "--profile",
                "dev",
                "--",
                "-Zcrate-attr=feature(strict_provenance_lints)",
            ])
            .args(["-Dfuzzy_provenance_casts", "-Dlossy_provenance_casts"])
            .env("CARGO_TARGET_DIR", process::target_dir().join("provenance"));
        succeed(&mut command)?;
    }
    Ok(Outcome::Passed)
}

fn miri() -> Result<Outcome> {
    let is_here = || works(&mut nightly(&["cargo", "miri", "--version"]));
    if !is_here() && works(&mut nightly(&["cargo", "--version"])) {
        rustup::install(&[
            "component",
            "add",
            "--toolchain",
            "nightly",
            "miri",
            "rust-src",
        ]);
    }
    if !is_here() {
        let how =
            "needs Miri: rustup toolchain install nightly --component miri --component rust-src";
        return Ok(Outcome::Skipped(how.to_owned()));
    }
    let crates = no_std::ladder()?;
    let portable: Vec<String> = crates
        .iter()
        .filter(|name| !["mmap-backed", "thread-cached"].contains(&name.as_str()))
        .flat_map(|name| ["-p".to_owned(), tree::package(name)])
        .collect();
    let filters = [
        "--test",
        "it",
        "provenance::",
        "scope::",
        "handles::standard",
    ];
    for tests in [&["--lib"][..], &filters] {
        let (scope, names) = tests.split_at(tests.len().min(2));
        let mut command = nightly(&["cargo", "miri", "test"]);
        command.args(scope).args(&portable).arg("--").args(names);
        command.env(
            "MIRIFLAGS",
            "-Zmiri-strict-provenance -Zmiri-disable-isolation",
        );
        command.env("PROPTEST_CASES", "2");
        println!("$ {}", process::line(&command));
        succeed(&mut command)?;
    }
    Ok(Outcome::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_chosen_by_name() {
        let chosen = choose(&["tidy".to_owned(), "fmt".to_owned()]).unwrap();
        let names: Vec<_> = chosen.iter().map(|step| step.name).collect();
        assert_eq!(names, ["tidy", "fmt"]);
    }

    #[test]
    fn what_runs_beside_the_others_are_steps_that_do_not_run_first() {
        let later: Vec<_> = STEPS[FIRST..].iter().map(|step| step.name).collect();
        assert!(beside::STEPS.iter().all(|name| later.contains(name)));
    }

    #[test]
    fn an_unknown_step_suggests_the_nearest() {
        let error = find("clipy").err().unwrap();
        assert!(error.contains("`clippy`"), "{error}");
    }
}
