//! `bench`, `record` and `trace`: built here, done by the bench harness and by the tool for traces.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use xtask_base::launch::{QUICK, become_it, built, needs_linux};
use xtask_base::{Result, process};

use crate::preload;
use crate::{c_peers, peer_libraries};

/// Runs the bench harness with all of our arguments.
pub(crate) fn bench(args: &[String]) -> Result {
    needs_linux()?;
    let left_out = left_out(args);
    left_out.iter().for_each(|peer| eprintln!("{peer}"));
    let args = &peer_libraries::with_paths(args, is_preloading(args))?;
    let mut run = match c_peers::are_wanted(args) {
        true => Command::new(c_peers::build()?),
        false => built(profile_of(args), "bench-harness")?,
    };
    run.args(args);
    // Said once more at the end: the build and the measurements scroll the first time away.
    let sentences = left_out.iter();
    run.args(sentences.flat_map(|peer| ["--left-out", peer]));
    if wants_library(args) {
        let stage = preload::stage(None)?;
        let library = preload::build(stage, false)?;
        run.args(["--preload", &format!("{stage}.so={}", library.display())]);
    }
    become_it(run)
}

/// A sentence for each peer that the arguments of `bench` ask for and that cannot be built here.
fn left_out(args: &[String]) -> Vec<String> {
    let mut left_out = Vec::new();
    if c_peers::are_wanted(args) {
        left_out.extend(c_peers::left_out());
    }
    if peer_libraries::asks_for_all(args) {
        left_out.extend(peer_libraries::left_out(is_preloading(args)));
    }
    left_out
}

/// Records the program and runs `advise` of the bench harness, with our library among what the program is tried
/// under.
pub(crate) fn advise(args: &[String]) -> Result {
    needs_linux()?;
    let is_dashes = |arg: &String| arg == "--";
    let dashes = args.iter().position(is_dashes).unwrap_or(args.len());
    let (options, program) = args.split_at(dashes);
    let is_given = |names: &[&str]| {
        let name = |arg: &String| names.contains(&arg.split('=').next().unwrap_or_default());
        options.iter().any(name)
    };
    let options = peer_libraries::with_paths(options, true)?;
    let mut run = built(QUICK, "bench-harness")?;
    run.args(&options);
    if !is_given(&["--from", "-h", "--help"]) {
        let stage = preload::stage(None)?;
        let library = preload::build(stage, false)?;
        run.args(["--preload", &format!("{stage}.so={}", library.display())]);
        if !is_given(&["--trace"]) {
            run.arg("--trace").arg(recorded(&options, program)?);
        }
    }
    run.args(program);
    become_it(run)
}

/// Records the program with the variables that `options` sets for it, and returns the largest trace: a script's
/// work is often its child's. How the program ends is its own matter.
fn recorded(options: &[String], program: &[String]) -> Result<PathBuf> {
    let folder = process::target_dir().join("traces/advised");
    let emptied = match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(&folder),
    };
    emptied.map_err(|error| format!("{}: {error}", folder.display()))?;
    let trace = folder.join("named.trace");
    let mut record = built(QUICK, "alloc-trace")?;
    record.arg("record").arg("-o").arg(&trace);
    for (index, arg) in options.iter().enumerate() {
        if arg == "--env" {
            record.args(&options[index..options.len().min(index + 2)]);
        } else if arg.starts_with("--env=") {
            record.arg(arg);
        }
    }
    record.args(program);
    if let Ok(here) = std::env::current_dir() {
        record.current_dir(here);
    }
    let _ = process::succeed(&mut record);
    let traces = traces_in(&folder).chain(traces_in(&folder.join("named.trace.d")));
    let largest = traces.max_by_key(|trace| trace.metadata().map_or(0, |file| file.len()));
    largest.ok_or_else(|| "there is no recording to advise on".to_owned())
}

/// Iterates over the traces in a folder, which may not exist.
fn traces_in(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_trace = |path: &PathBuf| path.extension().is_some_and(|end| end == "trace");
    entries.map(|entry| entry.path()).filter(is_trace)
}

/// Runs `count` or `explain` of the bench harness with all of our arguments.
pub(crate) fn of_trace(args: &[String]) -> Result {
    needs_linux()?;
    let mut run = built(QUICK, "bench-harness")?;
    run.args(args);
    become_it(run)
}

/// Runs the tool for traces, which is built in seconds, with all of our arguments.
pub(crate) fn trace(args: &[String]) -> Result {
    needs_linux()?;
    let mut run = built(QUICK, "alloc-trace")?;
    run.args(args);
    become_it(run)
}

/// Whether the run compares what is preloaded.
fn is_preloading(args: &[String]) -> bool {
    let has = |names: &[&str]| args.iter().any(|arg| names.contains(&arg.as_str()));
    has(&["--global", "--programs", "--command"]) && !has(&["--from", "--list", "--help", "-h"])
}

/// Whether our library takes part, which it does not if it is named already.
fn wants_library(args: &[String]) -> bool {
    // The hardened mode is a column beside it. Behind the path there may be variables.
    let is_ours = |arg: &String| {
        let named = arg.strip_prefix("--preload=").unwrap_or(arg);
        let path = named.split_whitespace().next().unwrap_or_default();
        path.ends_with("libpreload.so") && !path.starts_with("hardened")
    };
    let is_named = args.iter().any(is_ours);
    is_preloading(args) && !is_named
}

/// Cargo's options for a build whose speed is measured.
const RELEASE: &[&str] = &["--release"];

/// What is published is measured on a build that is optimised as a whole; what is looked at once, on one
/// that is there sooner. The results say which it was.
fn profile_of(args: &[String]) -> &'static [&'static str] {
    let is_wanted = args.iter().any(|arg| arg == "--fat-lto" || arg == "--docs");
    if is_wanted { RELEASE } else { QUICK }
}

#[cfg(test)]
mod tests {
    fn wanted(line: &str) -> bool {
        super::wants_library(&xtask_base::options::args(line))
    }

    #[test]
    fn the_library_takes_part_where_libraries_are_compared() {
        assert!(wanted("bench --global") && wanted("bench --quick --programs jq"));
        assert!(wanted("bench --command true"));
        assert!(!wanted("bench") && !wanted("bench --global --from x.jsonl"));
        assert!(!wanted(
            "bench --programs --preload ours=target/libpreload.so"
        ));
        assert!(wanted(
            "bench --programs --preload hardened-quick=target/libpreload.so"
        ));
        let with_options = ["--programs", "--preload=x=target/libpreload.so A=1"];
        assert!(!super::wants_library(&with_options.map(str::to_owned)));
    }
}
