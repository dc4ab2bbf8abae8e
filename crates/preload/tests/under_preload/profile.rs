//! The heap profile.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

use crate::build::{Program, library};
use crate::run::{output, preloaded, text};

static PROFILE: Program = Program::new("profile.c");

/// Bytes for a sample in these tests.
const EVERY: f64 = 2000.0;

/// Live and all blocks and bytes of a line: `1: 100 [2: 200]`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    live: [f64; 2],
    total: [f64; 2],
}

/// A profile as `pprof` reads it.
struct Profile {
    header: Sums,
    stacks: Vec<(Sums, Vec<usize>)>,
    maps: String,
}

fn sums(text: &str) -> Sums {
    let numbers: Vec<f64> = text
        .split([':', '[', ']', ' '])
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().expect("a number"))
        .collect();
    assert_eq!(numbers.len(), 4, "{text}");
    Sums {
        live: [numbers[0], numbers[1]],
        total: [numbers[2], numbers[3]],
    }
}

fn address(text: &str) -> usize {
    let digits = text.strip_prefix("0x").expect("hexadecimal");
    usize::from_str_radix(digits, 16).expect("an address")
}

fn parse(text: &str) -> Profile {
    let (stacks, maps) = text
        .split_once("\nMAPPED_LIBRARIES:\n")
        .expect("the mappings");
    let mut lines = stacks.lines();
    let header = lines
        .next()
        .and_then(|line| line.strip_prefix("heap profile: "));
    let (header, kind) = header
        .and_then(|line| line.split_once(" @ "))
        .expect("a header");
    assert_eq!(kind, format!("heap_v2/{EVERY}"));
    let stack = |line: &str| {
        let (numbers, callers) = line.split_once(" @").expect("a stack");
        (
            sums(numbers),
            callers.split_whitespace().map(address).collect(),
        )
    };
    Profile {
        header: sums(header),
        stacks: lines.filter(|line| !line.is_empty()).map(stack).collect(),
        maps: maps.to_owned(),
    }
}

impl Profile {
    /// Whether an address is one of the library's, which calls nobody for itself.
    fn is_own(&self, caller: usize) -> bool {
        let lines = self.maps.lines();
        let mut own = lines.filter(|line| line.ends_with("/libpreload.so"));
        own.any(|line| {
            let (start, rest) = line.split_once('-').expect("a range");
            let end = rest.split_whitespace().next().expect("its end");
            let address = |hex| usize::from_str_radix(hex, 16).expect("an address");
            (address(start)..address(end)).contains(&caller)
        })
    }

    /// What `pprof` shows for the stacks with a caller among these addresses: the live and all
    /// bytes that the samples stand for.
    fn of(&self, place: &Range<usize>) -> [f64; 2] {
        let mut bytes = [0.0; 2];
        for (sums, callers) in &self.stacks {
            if callers.iter().any(|caller| place.contains(caller)) {
                for (bytes, [n, sampled]) in bytes.iter_mut().zip([sums.live, sums.total]) {
                    let likely = 1.0 - (-sampled / n.max(1.0) / EVERY).exp();
                    *bytes += if n > 0.0 { sampled / likely } else { 0.0 };
                }
            }
        }
        bytes
    }
}

/// Runs the program; the places of the two functions that it names.
fn places(how: &str, file: &Path, options: &[(&str, &str)]) -> Option<[Range<usize>; 2]> {
    let mut command = preloaded(PROFILE.path()?, &library());
    command.arg(how).arg(file).envs(options.iter().copied());
    let output = output(&mut command);
    let errors = text(&output.stderr);
    assert!(
        output.status.success() && errors.is_empty(),
        "{how}: {} {errors}",
        output.status
    );
    let words: Vec<_> = text(&output.stdout)
        .split_whitespace()
        .map(address)
        .collect();
    Some([words[0]..words[1], words[2]..words[3]])
}

fn assert_found(file: &Path, [keeper, passer]: &[Range<usize>; 2]) -> Profile {
    let profile = parse(&std::fs::read_to_string(file).expect("a profile"));
    let mut header = Sums::default();
    for (sums, _) in &profile.stacks {
        for part in 0..2 {
            header.live[part] += sums.live[part];
            header.total[part] += sums.total[part];
        }
    }
    assert_eq!(header, profile.header);
    let [live, total] = profile.of(keeper);
    assert!(
        (9e6..11e6).contains(&live),
        "{live} of 10,000,000 bytes live"
    );
    assert!(
        (live..live + 1e5).contains(&total),
        "{total} of 10,002,500 bytes in all"
    );
    let [live, total] = profile.of(passer);
    assert_eq!(live, 0.0);
    assert!(total > 115e6, "{total} of 123,997,000 bytes in all");
    assert!(
        profile.maps.lines().any(|line| line.ends_with("/profile")),
        "{}",
        profile.maps
    );
    let mut callers = profile.stacks.iter().flat_map(|(_, callers)| callers);
    assert!(!callers.any(|&caller| profile.is_own(caller)));
    profile
}

fn profile_at(how: &str, options: &[(&str, &str)]) {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("heap");
    let path = file.to_string_lossy();
    let own = [
        ("MALLOC_LADDER_PROFILE", path.as_ref()),
        ("MALLOC_LADDER_PROFILE_EVERY", "2000"),
    ];
    let all: HashMap<_, _> = own.iter().chain(options).copied().collect();
    let all: Vec<_> = all.into_iter().collect();
    if let Some(places) = places(how, &file, &all) {
        assert_found(&file, &places);
    }
}

#[test]
fn at_exit() {
    profile_at("exit", &[]);
}

#[test]
fn on_a_signal() {
    let number = libc::SIGUSR2.to_string();
    profile_at("signal", &[("MALLOC_LADDER_PROFILE_SIGNAL", &number)]);
}

#[test]
fn by_calls_without_any_option() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("heap");
    if let Some(places) = places("call", &file, &[]) {
        assert_found(&file, &places);
    }
}

/// The child goes on with its copy of the profile.
#[test]
fn in_a_child() {
    let dir = tempfile::tempdir().expect("a directory");
    let (child, parent) = (dir.path().join("child"), dir.path().join("parent"));
    let path = parent.to_string_lossy();
    let options = [
        ("MALLOC_LADDER_PROFILE", path.as_ref()),
        ("MALLOC_LADDER_PROFILE_EVERY", "2000"),
    ];
    if let Some(places) = places("fork", &child, &options) {
        let [in_child, in_parent] = [child, parent].map(|file| {
            let profile = assert_found(&file, &places);
            profile.of(&places[1])[1]
        });
        assert!(
            in_child > in_parent + 9e6,
            "{in_child} and {in_parent} bytes passed"
        );
    }
}

/// What gperftools' own reader says, where it is installed: that `keep` has all of the memory.
#[test]
fn pprof_reads_it() {
    let reader = "google-pprof";
    if Command::new(reader).arg("--version").output().is_err() {
        return println!("skipped: there is no `{reader}`");
    }
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("heap");
    if places("call", &file, &[]).is_none() {
        return;
    }
    let program = PROFILE.path().expect("it ran");
    let mut command = Command::new(reader);
    command.args(["--text", "--inuse_space"]);
    let read = output(command.arg(program).arg(&file));
    let table = text(&read.stdout);
    let top = table.lines().nth(1).expect("a line for a function");
    let words: Vec<_> = top.split_whitespace().collect();
    assert_eq!([words[1], words[5]], ["100.0%", "keep"], "{table}");
}

#[test]
fn values_that_mean_nothing_are_left_out() {
    let Some(program) = PROFILE.path() else {
        return;
    };
    let mut command = preloaded(program, &library());
    command
        .env("MALLOC_LADDER_PROFILE_EVERY", "0")
        .env("MALLOC_LADDER_PROFILE_SIGNAL", "99");
    let errors = text(&output(&mut command).stderr);
    assert_eq!(errors.lines().count(), 2, "{errors}");
    assert!(errors.contains("PROFILE_EVERY takes a number of bytes above 0; `0` is ignored"));
    assert!(errors.contains("PROFILE_SIGNAL takes the number of a signal; `99` is ignored"));
}
