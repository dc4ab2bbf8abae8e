//! Tests that the shipped traces are whole, large enough, small enough, and match their README.

use std::fs;
use std::path::{Path, PathBuf};

use alloc_trace::{Origin, Trace};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../traces")
}

fn shipped() -> Vec<Trace> {
    let files = fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let traces = files.filter(|path| path.extension().is_some_and(|end| end == "trace"));
    let mut loaded: Vec<Trace> = traces.map(|path| Trace::load(path).unwrap()).collect();
    loaded.sort_by(|one, other| one.name.cmp(&other.name));
    loaded
}

#[test]
fn there_are_enough_calls_in_few_bytes() {
    let traces = shipped();
    assert!(traces.len() >= 4);
    assert!(traces.iter().all(|trace| trace.ops.len() >= 100_000));
    let files = fs::read_dir(directory()).unwrap();
    let bytes: u64 = files
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert!(bytes < 4 << 20, "{bytes}");
}

#[test]
fn the_readme_says_what_is_in_them() {
    let readme = fs::read_to_string(directory().join("README.md")).unwrap();
    let is_row = |line: &&str| line.starts_with("| `");
    let rows: Vec<&str> = readme.lines().filter(is_row).collect();
    let traces = shipped();
    assert_eq!(rows.len(), traces.len());
    for (row, trace) in rows.iter().zip(&traces) {
        let peak = trace.peak();
        let (name, n_ops) = (&trace.name, trace.ops.len());
        let numbers = format!(
            "| `{name}` | {n_ops} | {} | {} | ",
            peak.bytes, peak.n_blocks
        );
        assert!(
            row.starts_with(&numbers),
            "{row}\nis to begin with\n{numbers}"
        );
    }
}

#[test]
fn they_say_where_they_come_from_and_no_more() {
    for trace in shipped() {
        let provenance = &trace.provenance;
        assert_eq!(provenance.origin, Origin::Recorded);
        assert!(!provenance.program.contains('/'), "{provenance:?}");
        assert_eq!((provenance.threads, provenance.note.as_str()), (1, ""));
    }
}
