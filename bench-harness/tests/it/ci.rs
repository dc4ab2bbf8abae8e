//! Gates without a clock: the script of the book's chapter on continuous integration, and a seeded regression of every
//! suite.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bench_results::{Outcome, Results, lines, metric};

fn file(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    path
}

fn said(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    texts.concat()
}

/// A recording of a program that allocates `n` blocks of `size` bytes, and frees them all at the end.
fn recording(name: &str, n: usize, size: usize) -> PathBuf {
    let mut text = format!("20000\n{n}\n{}\n1\n", 2 * n);
    for id in 0..n {
        writeln!(text, "a {id} {size}").unwrap();
    }
    for id in 0..n {
        writeln!(text, "f {id}").unwrap();
    }
    let path = file(name);
    fs::write(&path, text).unwrap();
    path
}

/// The script on a recording, held to the count in `baseline`, with its summary.
fn script(trace: &Path, baseline: &Path, counted: &Path) -> (Output, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ci/allocations.sh");
    let summary = file("summary.md");
    let output = Command::new("sh")
        .arg(script)
        .env("XTASK", env!("CARGO_BIN_EXE_bench-harness"))
        .env("TRACE", trace)
        .env("NAME", "program")
        .env("BASELINE", baseline)
        .env("COUNTED", counted)
        .env("FAIL_ON", "5")
        .env("INSTRUCTIONS", "no")
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap();
    (output, fs::read_to_string(summary).unwrap_or_default())
}

#[test]
fn a_program_that_allocates_more_fails_in_the_job_and_its_summary_says_why() {
    let usual = recording("ci-usual.rep", 2000, 48);
    let (none, first) = (file("ci-none.jsonl"), file("ci-first.jsonl"));
    let (output, summary) = script(&usual, &none, &first);
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        summary.contains("keep") && summary.contains("allocations"),
        "{summary}"
    );
    let again = file("ci-again.jsonl");
    let (output, summary) = script(&usual, &first, &again);
    assert!(output.status.success(), "{}", said(&output));
    assert!(summary.contains("no change within noise"), "{summary}");
    let more = recording("ci-more.rep", 2400, 48);
    let (output, summary) = script(&more, &first, &again);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    for figure in [
        "allocations of program",
        "peak_live of program",
        "footprint of coalescing",
    ] {
        let line = format!("FAILED: {figure} on program is worse by more than 5 %");
        assert!(summary.contains(&line), "{line}: {summary}");
    }
}

/// The saved run of a mode for each suite, and a figure of it that depends on no clock.
const SUITES: [(&str, &str); 6] = [
    ("replay", "footprint"),
    ("replay", "splits"),
    ("global", "block"),
    ("arenas", "instructions"),
    ("closed-loop", "filled"),
    ("command", "peak_rss"),
];

/// The results with every figure of that name better by a third.
fn better(mut results: Results, name: &str) -> Results {
    let is_more = metric::find(name).unwrap().better == metric::Better::More;
    let factor = if is_more { 1.0 / 0.75 } else { 0.75 };
    for one in results
        .measurements
        .iter_mut()
        .filter(|one| one.metric == name)
    {
        if let Outcome::Samples(samples) = &mut one.outcome {
            samples.iter_mut().for_each(|sample| *sample *= factor);
        }
    }
    results
}

#[test]
fn a_seeded_regression_of_every_suite_fails_without_a_clock() {
    for (mode, name) in SUITES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/saved");
        let saved = folder.join(format!("{mode}.jsonl"));
        let before = file(&format!("ci-before-{mode}-{name}.jsonl"));
        lines::append(&before, &better(crate::support::results(&saved), name)).unwrap();
        let bench = |metric: &str| {
            let mut harness = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
            harness
                .arg("bench")
                .arg("--from")
                .arg(&saved)
                .arg("--baseline")
                .arg(&before);
            let output = harness
                .args(["--fail-on", "20", "--metric", metric])
                .output();
            output.unwrap()
        };
        let failed = bench(name);
        assert_eq!(
            failed.status.code(),
            Some(1),
            "{mode} {name}: {}",
            said(&failed)
        );
        let what = format!("{name} of ");
        assert!(
            said(&failed).contains(&what),
            "{mode} {name}: {}",
            said(&failed)
        );
    }
}
