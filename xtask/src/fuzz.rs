//! `fuzz`: one fuzz target for a while.

use std::fs;

use xtask_base::options::Options;
use xtask_base::process::{nightly, root, succeed, works};
use xtask_base::{Result, nearest};

const DIR: &str = "bench-harness/fuzz";
const INSTALL: &str = "fuzzing needs nightly and cargo-fuzz: rustup toolchain install nightly, \
                       then cargo install cargo-fuzz --version 0.13.2 --locked";

pub(crate) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let seconds = options.number("--seconds", 60)?;
    let features = options.value("--features")?;
    let words = options.words()?;
    let targets = targets()?;
    let [target] = words.as_slice() else {
        return Err(format!("name one of the targets: {}", targets.join(", ")));
    };
    let unknown = format!("there is no fuzz target `{target}`");
    let otherwise = format!("the targets are {}", targets.join(", "));
    let target = nearest::find(target, &targets, |name| name, &unknown, &otherwise)?;
    if !works(&mut nightly(&["cargo", "fuzz", "--version"])) {
        return Err(INSTALL.to_owned());
    }
    let mut command = nightly(&["cargo", "fuzz", "run", "--fuzz-dir", DIR]);
    if let Some(features) = features {
        command.args(["--features", &features]);
    }
    let limit = format!("-max_total_time={seconds}");
    succeed(command.args([target, "--", &limit]))
}

/// The targets' names, in order: one file each.
fn targets() -> Result<Vec<String>> {
    let dir = root().join(DIR).join("fuzz_targets");
    let entries = fs::read_dir(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| Some(name.strip_suffix(".rs")?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}
