//! `fuzz`: one fuzz target for a while.

use std::fs;

use crate::Result;
use crate::nearest::nearest;
use crate::options::Options;
use crate::process::{nightly, root, succeed, works};

const DIR: &str = "bench-harness/fuzz";
const INSTALL: &str = "fuzzing needs nightly and cargo-fuzz: rustup toolchain install nightly, \
                       then cargo install cargo-fuzz --version 0.13.2 --locked";

pub(crate) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let seconds = options
        .value("--seconds")?
        .unwrap_or_else(|| "60".to_owned());
    let seconds: u32 = seconds
        .parse()
        .map_err(|_| format!("`--seconds {seconds}`: a whole number is needed"))?;
    let features = options.value("--features")?;
    let words = options.words()?;
    let targets = targets()?;
    let [target] = words.as_slice() else {
        return Err(format!("name one of the targets: {}", targets.join(", ")));
    };
    known(target, &targets)?;
    if !works(&mut nightly(&["cargo", "fuzz", "--version"])) {
        return Err(INSTALL.to_owned());
    }
    let mut command = nightly(&["cargo", "fuzz", "run", "--fuzz-dir", DIR]);
    if let Some(features) = features {
        command.args(["--features", &features]);
    }
    let limit = format!("-max_total_time={seconds}");
    succeed(command.args([target.as_str(), "--", &limit]))
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

fn known(target: &str, targets: &[String]) -> Result {
    if targets.iter().any(|known| known == target) {
        return Ok(());
    }
    let names = targets.iter().map(String::as_str);
    let hint = nearest(target, names).map_or_else(
        || format!("the targets are {}", targets.join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    Err(format!("there is no fuzz target `{target}`: {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_target_suggests_the_nearest() {
        let targets = ["bump".to_owned(), "freelist".to_owned()];
        assert!(known("bump", &targets).is_ok());
        assert!(
            known("frelist", &targets)
                .unwrap_err()
                .contains("`freelist`")
        );
        assert!(
            known("xyzzyx", &targets)
                .unwrap_err()
                .contains("bump, freelist")
        );
    }
}
