//! Faults of core-api.

use crate::mutants::fault::{Fault, Suite};

const TESTS: Suite = Suite(&[
    "-p",
    "malloc-ladder-core-api",
    "--all-features",
    "--lib",
    "--tests",
]);

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "core-realloc-copies-words",
        file: "crates/core-api/src/resize.rs",
        find: "let kept = old.size().min(new.size());",
        replace: "let kept = old.size().min(new.size()) / 8 * 8;",
        tests: TESTS,
        caught_by: "the shadow model: content lost in a move",
    },
    Fault {
        name: "core-slack-not-zeroed",
        file: "crates/core-api/src/allocator.rs",
        find: "tail.write_bytes(0, grown.len() - old.size());",
        replace: "tail.write_bytes(0, new.size() - old.size());",
        tests: TESTS,
        caught_by: "the contract: all usable bytes are zero",
    },
    Fault {
        name: "core-adapter-not-zeroed",
        file: "crates/core-api/src/adapters/forward.rs",
        find: "self.try_with(|inner| inner.allocate_zeroed(layout))",
        replace: "self.try_with(|inner| inner.allocate(layout))",
        tests: TESTS,
        caught_by: "the contract through `Local` and `Locked`",
    },
    Fault {
        name: "core-global-forgets-grow",
        file: "crates/core-api/src/adapters/global.rs",
        find: "unsafe { inner.grow(block, old, new) }",
        replace: "unsafe { crate::resize::reallocate(inner, block, old, new) }",
        tests: TESTS,
        caught_by: "the counting inner allocator",
    },
    Fault {
        name: "core-api2-shrink-grows",
        file: "crates/core-api/src/adapters/api2.rs",
        find: "Ok(unsafe { $crate::Allocator::shrink(&mut shared, block, old, new)? })",
        replace: "Ok(unsafe { $crate::Allocator::grow(&mut shared, block, old, new)? })",
        tests: TESTS,
        caught_by: "the recording inner allocator",
    },
    Fault {
        name: "core-lock-waits-for-itself",
        file: "crates/core-api/src/adapters/lock.rs",
        find: "check_wait(own, holder);",
        replace: "check_wait(own, holder ^ 1);",
        tests: TESTS,
        caught_by: "a thread that comes back into a heap that it has locked",
    },
    Fault {
        name: "core-handler-comes-back",
        file: "crates/core-api/src/fatal.rs",
        find: "first if first == own => end_again(),",
        replace: "first if first == own => wait_for_the_end(),",
        tests: TESTS,
        caught_by: "a handler that reports a misuse of its own",
    },
];
