//! Faults of mmap-backed.

use crate::mutants::fault::{Fault, Suite};

const TESTS: Suite = Suite(&["-p", "malloc-ladder-mmap-backed", "--lib", "--tests"]);

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "mmap-assumes-small-pages",
        file: "crates/os/src/page.rs",
        find: "usize::try_from(answer).unwrap_or(4096)",
        replace: "4096 + 0 * answer as usize",
        tests: TESTS,
        caught_by: "the contract on a kernel with pages of 64 KiB",
    },
    Fault {
        name: "mmap-hash-hole",
        file: "crates/mmap-backed/src/table.rs",
        find: "if from_home >= self.distance(hole, next) {",
        replace: "if from_home > self.distance(hole, next) {",
        tests: TESTS,
        caught_by: "entries that stay reachable after a removal",
    },
    Fault {
        name: "mmap-unaligned-direct",
        file: "crates/mmap-backed/src/direct.rs",
        find: "mapped.split_at(padding(mapped.start(), align))",
        replace: "mapped.split_at(padding(mapped.start(), page))",
        tests: TESTS,
        caught_by: "the contract's alignments up to 2 MiB",
    },
    Fault {
        name: "mmap-bytes-drift",
        file: "crates/mmap-backed/src/direct.rs",
        find: "self.bytes = self.bytes - old.len() + new_len;",
        replace: "self.bytes += new_len;",
        tests: TESTS,
        caught_by: "I5: the table's counts",
    },
    Fault {
        name: "mmap-never-tidies",
        file: "crates/mmap-backed/src/retention.rs",
        find: "None => true,",
        replace: "None => false,",
        tests: TESTS,
        caught_by: "resident memory after a ramp",
    },
    Fault {
        name: "mmap-fork-keeps-lock",
        file: "crates/mmap-backed/src/global.rs",
        find: "os::at_fork(lock_before_fork, unlock_after_fork, unlock_after_fork);",
        replace: "os::at_fork(lock_before_fork, unlock_after_fork, lock_before_fork);",
        tests: TESTS,
        caught_by: "children of fork that allocate: they hang",
    },
];
