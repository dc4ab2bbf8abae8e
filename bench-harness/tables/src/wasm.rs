//! `wasm`: the heap for WebAssembly beside its peers, in node. `xtask` has looked for what is needed.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use xtask_base::Result;
use xtask_base::options::Options;
use xtask_base::process::{self, cargo, command, root, succeed, target_dir, works};

use crate::splice;

const TARGET: &str = "wasm32-unknown-unknown";

const PACKAGE: &str = "bench-harness/wasm";

const CHAPTER: &str = "docs/src/wasm.md";

/// The heap that the bars are for.
const OURS: &str = "ladder";

/// Rust's own allocator, which is there without a feature.
const DEFAULT: &str = "dlmalloc";

/// What the sizes of the others are counted from.
const BUMP: &str = "bump";

/// The modules: features of the package, but for [`DEFAULT`].
const ALLOCATORS: &[&str] = &[
    OURS,
    DEFAULT,
    "talc",
    "rlsf",
    "rlsf-small",
    "wasmalloc",
    "lol_alloc",
    "headerless",
    "coalescing",
];

/// Other stages of the ladder. No bar compares with them.
const STAGES: &[&str] = &["headerless", "coalescing"];

const LOOPS: [&str; 4] = ["pair", "churn", "random", "chain"];

/// What the loops compute, in their order, on every allocator that keeps its blocks apart.
const SUMS: [u32; 4] = [25_493_856, 156_289_416, 7_265_501, 4_950];

/// The loops whose pages count, and how many there may be for each of Rust's own allocator.
const PAGES: ([&str; 2], f64) = (["churn", "random"], 1.05);

/// Bytes of code that the heap may add to a bump allocator's.
const MOST_CODE: f64 = 3300.0;

const OPTIMIZER: &[&str] = &["-O3", "--strip-debug", "--strip-producers"];

const NODE: &[&str] = &["--no-liftoff"];

/// Long enough for the slowest peer on a busy machine.
const LIMIT: Duration = Duration::from_secs(1800);

/// One loop on one allocator.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    name: String,
    run: String,
    /// CPU time of the fastest run, in nanoseconds a step.
    fastest: f64,
    pages: f64,
    sum: u32,
}

/// What one module weighs.
struct Module {
    name: &'static str,
    path: PathBuf,
    bytes: u64,
}

pub(super) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let docs = options.flag("--docs");
    let rounds = options.number("--rounds", 30)?;
    let is_check = options.flag("--check");
    options.finish()?;
    if is_check {
        return check();
    }
    let bump = build(BUMP)?;
    let modules: Vec<Module> = ALLOCATORS
        .iter()
        .map(|name| build(name))
        .collect::<Result<_>>()?;
    let rows = measure(&modules, rounds)?;
    let mut text = String::new();
    let sizes: Vec<(&str, f64)> = modules
        .iter()
        .map(|module| (module.name, module.bytes as f64 - bump.bytes as f64))
        .collect();
    text += &table(&rows, &sizes)?;
    text += "\n";
    text += &bars(&rows, &sizes)?;
    let _ = writeln!(text, "\n{}", versions());
    print!("{text}");
    match docs {
        true => splice::fill(CHAPTER, "wasm", &text),
        false => Ok(()),
    }
}

/// Runs the loops on our heap once, and compares what they compute.
fn check() -> Result {
    for row in &measure(&[build(OURS)?], 1)? {
        println!("{}: {} pages", row.run, row.pages);
    }
    Ok(())
}

/// Builds the loops on one allocator, and optimizes the module where `wasm-opt` is installed.
fn build(name: &'static str) -> Result<Module> {
    let dir = target_dir().join("wasm");
    let manifest = format!("{PACKAGE}/Cargo.toml");
    let mut build = cargo(&[
        "build",
        "--quiet",
        "--release",
        "--locked",
        "--target",
        TARGET,
    ]);
    build.args(["--manifest-path", &manifest]);
    if name != DEFAULT {
        build.args(["--features", name]);
    }
    succeed(build.env("CARGO_TARGET_DIR", &dir))?;
    let built = dir.join(TARGET).join("release/wasm_bench.wasm");
    let path = dir.join(format!("{name}.wasm"));
    let failed = |error| format!("{}: {error}", path.display());
    match has_optimizer() {
        true => {
            let mut optimize = command("wasm-opt");
            succeed(optimize.args(OPTIMIZER).arg(&built).arg("-o").arg(&path))?;
        }
        false => {
            fs::copy(&built, &path).map_err(failed)?;
        }
    }
    let bytes = fs::metadata(&path).map_err(failed)?.len();
    Ok(Module { name, path, bytes })
}

fn has_optimizer() -> bool {
    works(command("wasm-opt").arg("--version"))
}

/// Runs the loops of all modules in one process, in turns.
fn measure(modules: &[Module], rounds: u32) -> Result<Vec<Row>> {
    let mut node = command("node");
    node.args(NODE)
        .arg(root().join(PACKAGE).join("run.mjs"))
        .arg(rounds.to_string());
    for Module { name, path, .. } in modules {
        node.arg(format!("{name}={}", path.display()));
    }
    let (is_well, said) = process::logged(&mut node, "wasm", LIMIT)?;
    match is_well {
        true => rows(&said),
        false => Err(format!("{said}the loops failed in node")),
    }
}

/// Reads lines of `NAME LOOP FASTEST PAGES SUM`, and compares the sums.
fn rows(said: &str) -> Result<Vec<Row>> {
    let row = |line: &str| {
        let [name, run, fastest, pages, sum] = line.split(' ').collect::<Vec<_>>()[..] else {
            return None;
        };
        Some(Row {
            name: name.to_owned(),
            run: run.to_owned(),
            fastest: fastest.parse().ok()?,
            pages: pages.parse().ok()?,
            sum: sum.parse().ok()?,
        })
    };
    let rows: Vec<Row> = said
        .lines()
        .map(|line| row(line).ok_or_else(|| format!("node said `{line}`")))
        .collect::<Result<_>>()?;
    for row in &rows {
        let wanted = LOOPS
            .iter()
            .position(|run| row.run == *run)
            .map(|index| SUMS[index]);
        if wanted != Some(row.sum) {
            let Row { name, run, sum, .. } = row;
            return Err(format!(
                "{run} on {name} computed {sum}: blocks were overwritten"
            ));
        }
    }
    Ok(rows)
}

/// One loop on one allocator.
fn find<'a>(rows: &'a [Row], name: &str, run: &str) -> Result<&'a Row> {
    rows.iter()
        .find(|row| row.name == name && row.run == run)
        .ok_or_else(|| format!("node said nothing about {run} on {name}"))
}

fn table(rows: &[Row], sizes: &[(&str, f64)]) -> Result<String> {
    let mut text = "| allocator | pair, ns | churn, ns | random, ns | chain, ns | pages, churn | pages, random | code |\n\
                    |---|--:|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    for (name, size) in sizes {
        let _ = write!(text, "| {name} |");
        for run in LOOPS {
            let fastest = find(rows, name, run)?.fastest;
            let _ = match fastest < 100.0 {
                true => write!(text, " {fastest:.1} |"),
                false => write!(text, " {fastest:.0} |"),
            };
        }
        for run in PAGES.0 {
            let _ = write!(text, " {} |", find(rows, name, run)?.pages);
        }
        let _ = writeln!(text, " {size} B |");
    }
    Ok(text)
}

/// What was aimed at, what came out, and whether that is it.
fn bars(rows: &[Row], sizes: &[(&str, f64)]) -> Result<String> {
    let mut text = "| bar | ours | bound | |\n|---|--:|--:|---|\n".to_owned();
    let mut line = |bar: String, ours: f64, bound: f64| {
        let verdict = if ours <= bound { "met" } else { "missed" };
        let _ = writeln!(
            text,
            "| {bar} | {ours:.1} | {bound:.1} | {verdict}, {:.2} |",
            ours / bound
        );
    };
    for run in LOOPS {
        let peers = rows.iter().filter(|row| {
            row.run == run && row.name != OURS && !STAGES.contains(&row.name.as_str())
        });
        let best = peers
            .min_by(|a, b| a.fastest.total_cmp(&b.fastest))
            .ok_or("there are no peers")?;
        let bar = format!("{run}: the best peer's time, {}", best.name);
        line(bar, find(rows, OURS, run)?.fastest, best.fastest);
    }
    for run in PAGES.0 {
        let bound = (find(rows, DEFAULT, run)?.pages * PAGES.1).floor();
        let bar = format!("{run}: pages, {} of {DEFAULT}'s", PAGES.1);
        line(bar, find(rows, OURS, run)?.pages, bound);
    }
    let ours = sizes.iter().find(|(name, _)| *name == OURS);
    let (_, size) = ours.ok_or("our module was not built")?;
    line(format!("bytes of code over {BUMP}"), *size, MOST_CODE);
    Ok(text)
}

/// What was measured with what.
fn versions() -> String {
    let said = |program: &str, arg: &str| {
        let said = process::output(command(program).arg(arg)).unwrap_or_default();
        said.lines().next().unwrap_or("not installed").to_owned()
    };
    let lock = fs::read_to_string(root().join(PACKAGE).join("Cargo.lock")).unwrap_or_default();
    let peers: Vec<String> = ["talc", "rlsf", "wasmalloc", "lol_alloc"]
        .iter()
        .filter_map(|name| Some(format!("{name} {}", version_of(&lock, name)?)))
        .collect();
    format!(
        "{DEFAULT}: that of {}; {}.\nnode {} with `{}`; {} with `{}`.",
        said("rustc", "--version"),
        peers.join(", "),
        said("node", "--version"),
        NODE.join(" "),
        match has_optimizer() {
            true => said("wasm-opt", "--version"),
            false => "no wasm-opt, so sizes are the compiler's".to_owned(),
        },
        OPTIMIZER.join(" "),
    )
}

/// The version of a package in a lock file.
fn version_of<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows_of(ours: [f64; 4]) -> Vec<Row> {
        let row = |name: &str, index: usize, fastest, pages| Row {
            name: name.to_owned(),
            run: LOOPS[index].to_owned(),
            fastest,
            pages,
            sum: SUMS[index],
        };
        let all = (0..LOOPS.len()).flat_map(|index| {
            [
                row(OURS, index, ours[index], 105.0),
                row(DEFAULT, index, 10.0, 100.0),
                row("talc", index, 12.0, 120.0),
                row("headerless", index, 1.0, 100.0),
            ]
        });
        all.collect()
    }

    #[test]
    fn bars_compare_with_the_best_peer_and_no_stage() {
        let sizes = [(OURS, 3301.0)];
        let text = bars(&rows_of([5.0, 10.0, 11.0, 9.0]), &sizes).expect("all rows");
        assert!(text.contains("| pair: the best peer's time, dlmalloc | 5.0 | 10.0 | met, 0.50 |"));
        assert!(
            text.contains(
                "| random: the best peer's time, dlmalloc | 11.0 | 10.0 | missed, 1.10 |"
            )
        );
        assert!(text.contains("| churn: pages, 1.05 of dlmalloc's | 105.0 | 105.0 | met, 1.00 |"));
        assert!(text.contains("missed, 1.00 |"), "{text}");
    }

    #[test]
    fn lines_are_read_and_wrong_sums_are_found() {
        let line = |sum| format!("talc pair 2.50 22 {sum}\n");
        let read = rows(&line(SUMS[0])).expect("a good line");
        assert_eq!((read[0].fastest, read[0].pages), (2.5, 22.0));
        assert!(
            rows(&line(SUMS[0] ^ 1))
                .unwrap_err()
                .contains("overwritten")
        );
        assert!(rows("Error: no module").is_err());
    }

    #[test]
    fn the_book_has_a_place_for_the_table() {
        let chapter = include_str!("../../../docs/src/wasm.md");
        assert!(splice::filled(chapter, "wasm", "figures\n").is_some());
    }

    #[test]
    fn versions_are_those_of_the_lock_file() {
        let lock = "[[package]]\nname = \"talc\"\nversion = \"5.1.1\"\nsource = \"x\"\n";
        assert_eq!(version_of(lock, "talc"), Some("5.1.1"));
        assert_eq!(version_of(lock, "rlsf"), None);
    }
}
