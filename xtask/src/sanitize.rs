//! `sanitize`: tests under the compiler's sanitizers, which need nightly.

use std::path::Path;
use std::process::Command;

use xtask_base::options::Options;
use xtask_base::process::{line, nightly, root, succeed, target_dir};
use xtask_base::tree::{self, Tree};
use xtask_base::{Result, nearest};

use crate::check::Outcome;

const NO_NIGHTLY: &str = "needs nightly: rustup toolchain install nightly";
const NO_SOURCE: &str = "needs the standard library's source: \
                         rustup component add rust-src --toolchain nightly";

/// Where both sanitizers exist.
const HOSTS: &[&str] = &["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

/// A name, and what is run.
type Sanitizer = (&'static str, fn(&Build) -> Result<Outcome>);

const SANITIZERS: &[Sanitizer] = &[("thread", threads), ("address", addresses)];

/// Tests that the sanitizers' own memory would fail: they measure the process, or limit its address
/// space.
const OF_THE_PROCESS: &[&str] = &[
    "a_program_returns_to_its_size_after_a_ramp",
    "short_threads_do_not_add_up",
    "exhaustion_is_an_error_and_the_program_goes_on",
];

/// The tests with several threads: crate, test program, and the module in it.
const WITH_THREADS: &[(&str, &str, Option<&str>)] = &[
    ("core-api", "it", Some("adapters")),
    ("mmap-backed", "global", None),
    ("thread-cached", "threads", None),
];

pub(crate) fn run(args: &[String]) -> Result {
    let names = Options::new(args).words()?;
    let chosen = choose(&names)?;
    let toolchain = Toolchain::find();
    for (name, run) in chosen {
        let outcome = match &toolchain {
            Ok(toolchain) => run(&Build {
                toolchain,
                sanitizer: name,
            })?,
            Err(why) => Outcome::Skipped(why.clone()),
        };
        match outcome {
            Outcome::Passed => println!("{name}: no report"),
            Outcome::Skipped(why) => println!("{name}: skipped: {why}"),
        }
    }
    Ok(())
}

/// Those of these names, or all.
fn choose(names: &[String]) -> Result<Vec<&'static Sanitizer>> {
    if names.is_empty() {
        return Ok(SANITIZERS.iter().collect());
    }
    let find = |name: &String| {
        let known: Vec<&str> = SANITIZERS.iter().map(|(name, _)| *name).collect();
        let unknown = format!("there is no sanitizer `{name}`");
        let otherwise = format!("there are {}", known.join(", "));
        nearest::find(name, SANITIZERS, |(name, _)| name, &unknown, &otherwise)
    };
    names.iter().map(find).collect()
}

/// What there is of nightly.
struct Toolchain {
    host: String,
    has_source: bool,
}

impl Toolchain {
    /// The error says what is missing.
    fn find() -> std::result::Result<Self, String> {
        let ask = |args: &[&str]| {
            let output = nightly(&[&["rustc"], args].concat()).output().ok()?;
            let said = String::from_utf8(output.stdout).ok()?;
            output.status.success().then_some(said)
        };
        let version = ask(&["-vV"]).ok_or(NO_NIGHTLY)?;
        let host = host(&version).ok_or(NO_NIGHTLY)?.to_owned();
        if !HOSTS.contains(&host.as_str()) {
            return Err(format!(
                "the sanitizers exist only for {}",
                HOSTS.join(" and ")
            ));
        }
        let sysroot = ask(&["--print", "sysroot"]).ok_or(NO_NIGHTLY)?;
        let source = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/std/src/lib.rs");
        let has_source = source.is_file();
        Ok(Self { host, has_source })
    }
}

fn host(version: &str) -> Option<&str> {
    version.lines().find_map(|line| line.strip_prefix("host: "))
}

/// Builds with one sanitizer, in a directory of its own.
struct Build<'a> {
    toolchain: &'a Toolchain,
    sanitizer: &'static str,
}

impl Build<'_> {
    /// `cargo SUBCOMMAND` for this target; `options` are cargo's, `args` those of what is run.
    fn run(&self, subcommand: &str, options: &[&str], args: &[&str]) -> Result {
        let mut command = self.command(subcommand);
        command.args(options).arg("--").args(args);
        println!("$ {}", line(&command));
        succeed(&mut command)
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = nightly(&["cargo", subcommand, "--quiet"]);
        command
            .args(["--target", &self.toolchain.host, "--target-dir"])
            .arg(target_dir().join("sanitize").join(self.sanitizer))
            .env("RUSTFLAGS", format!("-Zsanitizer={}", self.sanitizer))
            // Enough for file and line in a report.
            .env("CARGO_PROFILE_TEST_DEBUG", "line-tables-only");
        command
    }
}

/// Data races. The standard library's threads and locks have to be compiled with the sanitizer as
/// well, or it does not see what they order.
fn threads(build: &Build) -> Result<Outcome> {
    if !build.toolchain.has_source {
        return Ok(Outcome::Skipped(NO_SOURCE.to_owned()));
    }
    let std = "-Zbuild-std=std,panic_abort";
    let skips: Vec<&str> = OF_THE_PROCESS
        .iter()
        .flat_map(|name| ["--skip", name])
        .collect();
    let tests = |options: &[&str]| build.run("test", &[&[std], options].concat(), &skips);
    for (name, program, module) in WITH_THREADS {
        let test = ["-p", &tree::package(name), "--test", program];
        tests(&[&test[..], module.as_slice()].concat())?;
    }
    let cached = ["-p", "malloc-ladder-thread-cached"];
    tests(
        &[
            &["--test", "threads", "--features", "hardened"],
            &cached[..],
        ]
        .concat(),
    )?;
    let stress = [std, "--profile", "test", "--example", "stress"];
    build.run(
        "run",
        &[&stress, &cached[..]].concat(),
        &["--seconds", "30"],
    )?;
    Ok(Outcome::Passed)
}

/// Accesses outside what an allocator was given: the contract's regions come from the standard
/// library's heap, which the sanitizer watches.
fn addresses(build: &Build) -> Result<Outcome> {
    let tree = Tree::read(&root())?;
    let mut command = build.command("test");
    for stage in tree.stages() {
        command.args(["-p", &tree::package(stage)]);
    }
    command
        .args(["--test", "it", "contract::"])
        // Tests keep memory until their end.
        .env("ASAN_OPTIONS", "detect_leaks=0")
        .env("PROPTEST_CASES", "32");
    println!("$ {}", line(&command));
    succeed(&mut command)?;
    Ok(Outcome::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sanitizers_are_chosen_by_name_and_all_of_them_by_none() {
        assert_eq!(choose(&[]).unwrap().len(), SANITIZERS.len());
        let choose = |name: &str| choose(&[name.to_owned()]);
        assert_eq!(choose("thread").unwrap()[0].0, "thread");
        assert!(choose("adress").unwrap_err().contains("`address`"));
        assert!(
            choose("xyzzyxyzzy")
                .unwrap_err()
                .contains("thread, address")
        );
    }

    #[test]
    fn the_host_is_read_from_what_the_compiler_says() {
        let version = "rustc 1.2.3-nightly\nbinary: rustc\nhost: a-b-c\nrelease: 1.2.3\n";
        assert_eq!(host(version), Some("a-b-c"));
        assert_eq!(host("rustc 1.2.3"), None);
    }

    #[test]
    fn what_is_left_out_exists() {
        let read = |(package, program, module): &(&str, &str, Option<&str>)| {
            let file = module.map_or_else(
                || program.to_string(),
                |module| format!("{program}/{module}"),
            );
            let path = root().join(format!("crates/{package}/tests/{file}.rs"));
            std::fs::read_to_string(path).unwrap()
        };
        let tests: String = WITH_THREADS.iter().map(read).collect();
        for name in OF_THE_PROCESS {
            assert_eq!(tests.matches(&format!("fn {name}()")).count(), 1, "{name}");
        }
    }
}
