//! Faults of the kinds that other allocators shipped. `docs/src/safety.md` lists them with where they
//! were reported.

use std::path::Path;
use std::process::Command;

use crate::build::{
    AFTER_MAIN, CONFINED, FAULTS, LIFECYCLE, Program, compiled, library, library_of, released,
};
use crate::run::{default_section, limited_section, output, preloaded, section, text, tier};

/// The stages that a whole process runs on.
const STAGES: &[&str] = &["thread-cached", "mmap-backed", "hardened"];

fn on_each(program: &Program, args: &[&str]) {
    for stage in STAGES {
        section(program, &library_of(stage), args);
    }
}

#[test]
fn purging_leaves_few_mappings() {
    // With all checks 8192 blocks have guards, which split a mapping twice.
    let most = match tier().as_deref() {
        Some("full") => "16484",
        _ => "100",
    };
    for (stage, most) in [("thread-cached", most), ("mmap-backed", "1200")] {
        section(&FAULTS, &library_of(stage), &["maps", "1", most]);
    }
}

/// With the last mapping taken that the kernel allows.
fn at_the_limit_of_mappings(most: usize) {
    let limit = std::fs::read_to_string("/proc/sys/vm/max_map_count");
    let limit: Option<usize> = limit.ok().and_then(|limit| limit.trim().parse().ok());
    match limit {
        Some(limit) if limit <= most => {
            let pages = (limit + 5000).to_string();
            for stage in ["thread-cached", "mmap-backed"] {
                section(&FAULTS, &library_of(stage), &["map-limit", &pages]);
            }
        }
        _ => println!("skipped: a process may have {limit:?} mappings"),
    }
}

#[test]
fn no_mapping_left() {
    at_the_limit_of_mappings(100_000);
}

#[test]
#[ignore = "long where the limit is high"]
fn no_mapping_left_long() {
    at_the_limit_of_mappings(usize::MAX - 5000);
}

#[test]
fn a_threads_first_call_is_about_anothers_block() {
    on_each(&FAULTS, &["first-call", "20"]);
}

#[test]
fn small_blocks_of_large_alignment() {
    on_each(&FAULTS, &["sized", "41"]);
}

#[test]
#[ignore = "long: every size"]
fn small_blocks_of_large_alignment_long() {
    on_each(&FAULTS, &["sized", "1"]);
}

fn fork_in_fresh_processes(times: usize) {
    for _ in 0..times {
        on_each(&FAULTS, &["fresh-fork"]);
    }
}

#[test]
fn threads_fork_before_their_first_request_is_long_ago() {
    fork_in_fresh_processes(20);
}

#[test]
#[ignore = "long: two thousand processes on each stage"]
fn threads_fork_before_their_first_request_is_long_ago_long() {
    fork_in_fresh_processes(2000);
}

#[test]
fn a_child_inherits_what_the_program_set() {
    on_each(&FAULTS, &["inherited"]);
}

fn threads_with_many_thread_locals(n: &str) {
    if let Some(library) = compiled("thread_local.c", &["-shared", "-fPIC"]) {
        default_section(&FAULTS, &["thread-locals", n, &library.to_string_lossy()]);
    }
}

#[test]
fn thread_locals_of_ended_threads_are_freed() {
    threads_with_many_thread_locals("100");
}

#[test]
#[ignore = "long: two thousand threads"]
fn thread_locals_of_ended_threads_are_freed_long() {
    threads_with_many_thread_locals("2000");
}

fn deep_plugins(times: &str) {
    let args = ["-shared", "-fPIC", "-Wl,-rpath,$ORIGIN"];
    if let Some(plugin) = compiled("deep_plugin.c", &args) {
        default_section(&FAULTS, &["deepbind", times, &plugin.to_string_lossy()]);
    }
}

#[test]
fn plugins_that_look_in_their_own_libraries_first() {
    deep_plugins("5");
}

#[test]
#[ignore = "long: five hundred plug-ins"]
fn plugins_that_look_in_their_own_libraries_first_long() {
    deep_plugins("125");
}

fn frees_after_main(n: &str) {
    let Some(program) = AFTER_MAIN.path() else {
        return;
    };
    for stage in STAGES {
        let output = output(preloaded(program, &library_of(stage)).arg(n));
        let errors = text(&output.stderr);
        assert_eq!(
            text(&output.stdout),
            "after main: as it should be\n",
            "{stage}: {errors}"
        );
        assert!(output.status.success(), "{stage}: {}", output.status);
    }
}

#[test]
fn nodes_are_freed_after_main() {
    frees_after_main("40000");
}

#[test]
#[ignore = "long: two million nodes"]
fn nodes_are_freed_after_main_long() {
    frees_after_main("2000000");
}

/// The calls that a stage needs, as the chapter on safety lists them.
fn listed_calls(stage: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/safety.md");
    let chapter = std::fs::read_to_string(path).expect("the chapter");
    let (_, list) = chapter
        .split_once("| stage | system calls |")
        .expect("the table of system calls");
    let cells = |row: &str| -> Option<(String, String)> {
        let mut cells = row.split('|').skip(1);
        let mut cell = || Some(cells.next()?.replace(['`', ','], "").trim().to_owned());
        Some((cell()?, cell()?))
    };
    let rows = list.lines().skip(2).map_while(cells);
    let row = rows
        .into_iter()
        .find(|(stages, _)| stages.split_whitespace().any(|name| name == stage));
    row.unwrap_or_else(|| panic!("{stage} has a row")).1
}

#[test]
fn no_system_call_but_the_listed_ones() {
    for stage in STAGES {
        let calls = match tier() {
            Some(_) if *stage == "thread-cached" => listed_calls("hardened"),
            _ => listed_calls(stage),
        };
        section(&CONFINED, &library_of(stage), &["listed", "1", &calls]);
    }
}

#[test]
fn system_calls_that_are_refused() {
    for error in [libc::EPERM, libc::ENOSYS] {
        let error = error.to_string();
        let calls = "madvise mremap membarrier prctl getrandom";
        on_each(&CONFINED, &["refused", &error, calls]);
    }
}

#[test]
fn no_memory_from_some_moment_on() {
    on_each(&CONFINED, &["no-memory"]);
}

#[test]
fn little_address_space() {
    for stage in ["thread-cached", "mmap-backed"] {
        let library = library_of(stage);
        for kib in [400_000, 200_000] {
            limited_section(&LIFECYCLE, &library, kib, &["churn", "100"]);
            limited_section(&FAULTS, &library, kib, &["first-call", "5"]);
        }
    }
}

/// An empty directory in place of `/proc`, for the program alone.
#[test]
fn no_proc() {
    let hidden = "mount -t tmpfs none /proc";
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
        command
    };
    match unshare(hidden).output() {
        Ok(tried) if tried.status.success() => {}
        _ => return println!("skipped: `/proc` cannot be hidden here"),
    }
    let library = library();
    for (program, args) in [
        (&LIFECYCLE, ["fork", "10"]),
        (&LIFECYCLE, ["churn", "200"]),
        (&FAULTS, ["first-call", "5"]),
    ] {
        let Some(path) = program.path() else {
            return;
        };
        let script = format!("{hidden} && LD_PRELOAD=\"$0\" exec \"$@\"");
        let output = output(unshare(&script).arg(&library).arg(path).args(args));
        assert_eq!(
            text(&output.stdout),
            format!("{}: as it should be\n", args[0]),
            "{}",
            text(&output.stderr)
        );
    }
}

/// A library that is loaded late finds little static thread-local storage.
#[test]
fn the_library_needs_little_static_thread_local_storage() {
    let elf = std::fs::read(released()).expect("the library");
    let number = |at: usize, len: usize| {
        let bytes = elf[at..at + len].iter().rev();
        bytes.fold(0, |number, &byte| number << 8 | usize::from(byte))
    };
    assert_eq!(&elf[..5], b"\x7fELF\x02", "a 64-bit library");
    let (headers, n) = (number(32, 8), number(56, 2));
    let bytes: usize = (0..n)
        .map(|index| headers + 56 * index)
        .filter(|&header| number(header, 4) == libc::PT_TLS as usize)
        .map(|header| number(header + 40, 8))
        .sum();
    assert!((1..=64).contains(&bytes), "{bytes} bytes");
}
