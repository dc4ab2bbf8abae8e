//! The same conformance on every stage.

use std::path::Path;

use crate::build::{CONFORMANCE, LIFECYCLE, OPERATORS, library_of, released};
use crate::programs;
use crate::run::{limited_section, section};

/// Sections that ask for no more than every stage has.
const SECTIONS: &[&str] = &[
    "malloc",
    "zero",
    "limits",
    "calloc",
    "realloc",
    "reallocarray",
    "aligned",
    "posix",
    "pages",
    "usable",
    "errno",
    "leftovers",
];

/// The C family, threads, forks, operators and small jobs of real programs on one stage.
fn conforms(stage: &str) {
    conforms_with(&library_of(stage));
}

fn conforms_with(library: &Path) {
    for name in SECTIONS {
        section(&CONFORMANCE, library, &[name]);
    }
    // Few, for stages whose searches grow longer with each block freed.
    section(&CONFORMANCE, library, &["mixture", "5000"]);
    for args in [
        ["fork", "10"],
        ["keys", "50"],
        ["small-stack", "1"],
        ["ends", "1"],
    ] {
        section(&LIFECYCLE, library, &args);
    }
    for args in [["throw", "50"], ["nothrow", "1"], ["lifetimes", "5"]] {
        section(&OPERATORS, library, &args);
    }
    programs::small_jobs(library);
}

/// What is freed is used again.
fn reuses(stage: &str) {
    section(&CONFORMANCE, &library_of(stage), &["reuse", "1500"]);
}

/// Threads that come and go need no more memory than the first ones did. The fit strategies do: in a
/// region that is never full they never merge their holes.
fn keeps_its_size(stage: &str) {
    section(&LIFECYCLE, &library_of(stage), &["churn", "1000"]);
}

/// Everything freed can be had again after the address space was used up.
fn recovers(stage: &str) {
    let library = library_of(stage);
    limited_section(&LIFECYCLE, &library, 400_000, &["exhaustion", "2"]);
}

/// What people run is built in another way than what is tested elsewhere.
#[test]
fn as_released() {
    conforms_with(&released());
}

/// It keeps up to a MiB of freed blocks for each thread, which is more than others may grow by.
#[test]
fn hardened() {
    conforms("hardened");
    reuses("hardened");
    recovers("hardened");
}

#[test]
fn bump() {
    conforms("bump");
}

#[test]
fn freelist() {
    conforms("freelist");
    reuses("freelist");
    keeps_its_size("freelist");
}

#[test]
fn first_fit() {
    conforms("first-fit");
    reuses("first-fit");
    recovers("first-fit");
}

#[test]
fn next_fit() {
    conforms("next-fit");
}

#[test]
fn best_fit() {
    conforms("best-fit");
}

#[test]
fn worst_fit() {
    conforms("worst-fit");
}

#[test]
fn mmap_backed() {
    conforms("mmap-backed");
    reuses("mmap-backed");
    keeps_its_size("mmap-backed");
    recovers("mmap-backed");
}

#[test]
fn coalescing() {
    conforms("coalescing");
    reuses("coalescing");
    keeps_its_size("coalescing");
    recovers("coalescing");
}

/// Runs out of memory on a stage; what it said about that.
fn says_when_out_of_memory(stage: &str) -> Option<String> {
    limited_section(&LIFECYCLE, &library_of(stage), 200_000, &["crumbs"])
}

#[test]
fn a_stage_that_does_not_use_memory_again_says_so_once() {
    if let Some(errors) = says_when_out_of_memory("bump") {
        let lines: Vec<&str> = errors.lines().collect();
        assert_eq!(lines.len(), 1, "{errors}");
        assert!(
            lines[0].starts_with("malloc-ladder: bump is out of memory"),
            "{errors}"
        );
    }
    if let Some(errors) = says_when_out_of_memory("coalescing") {
        assert_eq!(errors, "", "this one is just full");
    }
}
