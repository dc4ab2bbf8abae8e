//! `advise`, on a made-up trace and a program of a moment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::read;

fn advise(args: &[&str]) -> Output {
    let mut harness = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    harness.arg("advise").args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    texts.concat()
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn a_program_gets_a_sentence_for_each_use_and_the_table_behind_it() {
    let trace = file("advised.rep");
    fs::write(&trace, "20000\n2\n4\n1\na 0 100\na 1 200\nf 0\nf 1\n").unwrap();
    let json = file("advised.jsonl");
    let [trace, path] = [&trace, &json].map(|path| path.to_str().unwrap());
    let args = ["--quick", "--time", "60", "--trace", trace, "-o", path];
    let output = advise(&[&args[..], &["--", "sort", "/etc/passwd"]].concat());
    assert!(output.status.success(), "{}", said(&output));
    let first = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in [
        "As this program's malloc: ",
        "sort /etc/passwd",
        "For a fixed heap: ",
        "For an arena: ",
        "libc (no tcache)",
        "libc-again",
        "only 4 calls",
    ] {
        assert!(first.contains(part), "{part} is not in\n{first}");
    }
    assert!(json.with_extension("html").is_file());
    let report = read(&json);
    assert!(report.reps >= 3 && report.commands[0].rows.len() > 6);
    let again = advise(&["--from", path]);
    assert!(again.status.success(), "{}", said(&again));
    assert!(
        first.starts_with(&*String::from_utf8_lossy(&again.stdout)),
        "{first}"
    );
}

#[test]
fn without_a_program_or_with_one_that_is_none_there_is_no_advice() {
    let none = advise(&[]);
    assert_eq!(none.status.code(), Some(2), "{}", said(&none));
    let trace = file("advised-for-nothing.rep");
    fs::write(&trace, "no trace").unwrap();
    let bad = advise(&["--trace", trace.to_str().unwrap()]);
    assert!(
        !bad.status.success() && said(&bad).contains("advised-for-nothing.rep"),
        "{}",
        said(&bad)
    );
}
