//! What tests here and of `thread-cached` need: a child process, resident memory, a heap with modest wishes.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod capped;

use std::process::{Command, Output};

const CHILD: &str = "TEST_CHILD";

/// Runs `body` in a process of its own: this test binary again, with only the test `name`, whose module need not be named. There the
/// kernel gives no huge pages that nobody asked for: resident memory is what was touched.
/// Returns what the child did, or `None` in the child, where `body` ran.
pub(crate) fn in_child(name: &str, body: impl FnOnce()) -> Option<Output> {
    in_any_child(name, || {
        refuse_huge_pages();
        body();
    })
}

/// As [`in_child`], with the huge pages that the system gives.
fn in_any_child(name: &str, body: impl FnOnce()) -> Option<Output> {
    if std::env::var_os(CHILD).is_some() {
        body();
        return None;
    }
    let binary = std::env::current_exe().expect("the test's own path");
    let child = Command::new(binary)
        .args([name, "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .output();
    Some(child.expect("a child process"))
}

/// Where it can be refused: on Linux.
fn refuse_huge_pages() {
    #[cfg(target_os = "linux")]
    // SAFETY: takes numbers, and changes nothing but where this process gets pages from.
    unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0);
    }
}

/// As [`in_child`], for children that must succeed.
pub(crate) fn passes_in_child(name: &str, body: impl FnOnce()) {
    expect_pass(name, in_child(name, body));
}

/// As [`passes_in_child`], with the huge pages that the system gives.
pub(crate) fn passes_with_huge_pages(name: &str, body: impl FnOnce()) {
    expect_pass(name, in_any_child(name, body));
}

fn expect_pass(name: &str, child: Option<Output>) {
    if let Some(output) = child {
        let said = String::from_utf8_lossy(&output.stdout);
        let complained = String::from_utf8_lossy(&output.stderr);
        let status = output.status;
        assert!(status.success(), "{status}\n{said}\n{complained}");
        assert!(said.contains("1 passed"), "not one test is called {name}");
    }
}

/// Resident bytes of this process, as `/proc/self/smaps_rollup` adds them up page by page.
pub(crate) fn resident() -> usize {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").expect("procfs");
    let line = rollup.lines().find(|line| line.starts_with("Rss:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.and_then(|kib| kib.parse::<usize>().ok())
        .expect("a number of KiB")
        << 10
}

/// Bytes that a system which does not overcommit counts as this process's: its writable private
/// mappings, touched or not.
pub(crate) fn counted() -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("procfs");
    let counted = maps.lines().filter_map(|line| {
        let mut fields = line.split_whitespace();
        let (range, rights) = (fields.next()?, fields.next()?);
        let (start, end) = range.split_once('-')?;
        let parse = |hex| usize::from_str_radix(hex, 16).expect("an address");
        (rights.contains('w') && rights.ends_with('p')).then(|| parse(end) - parse(start))
    });
    counted.sum()
}

/// Limits the bytes that are [`counted`] to `more` than there are, and returns the limit before.
#[cfg(target_os = "linux")]
pub(crate) fn limit_counted(more: usize) -> libc::rlimit {
    // SAFETY: the structures are plain numbers and outlive the calls.
    unsafe {
        let mut before: libc::rlimit = core::mem::zeroed();
        assert_eq!(libc::getrlimit(libc::RLIMIT_DATA, &mut before), 0);
        let limit = libc::rlimit {
            rlim_cur: (counted() + more) as libc::rlim_t,
            ..before
        };
        assert_eq!(libc::setrlimit(libc::RLIMIT_DATA, &limit), 0);
        before
    }
}

/// Whether `address` lies in any mapping of this process.
pub(crate) fn is_mapped(address: usize) -> bool {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("procfs");
    maps.lines().any(|line| {
        let range = line
            .split_whitespace()
            .next()
            .and_then(|range| range.split_once('-'));
        let (start, end) = range.expect("a range");
        let parse = |hex| usize::from_str_radix(hex, 16).expect("an address");
        (parse(start)..parse(end)).contains(&address)
    })
}

/// A small generator of numbers that look random (xorshift64*, Vigna 2016).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        mixed as usize % end
    }
}
