//! Faults of the trace format.

use crate::mutants::fault::{Fault, Suite};

const TESTS: Suite = Suite(&[
    "-p",
    "alloc-trace",
    "--test",
    "it",
    "--",
    "compact::",
    "rep::",
]);

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "trace-checksum-ignored",
        file: "bench-harness/trace/src/compact/record.rs",
        find: "if header.checksum(packed) != checksum {",
        replace: "if header.checksum(packed) != checksum && packed.is_empty() {",
        tests: TESTS,
        caught_by: "damaged bytes in every place",
    },
    Fault {
        name: "trace-missing-frame",
        file: "bench-harness/trace/src/compact/reader.rs",
        find: "if (header.first_op, header.first_block) != (self.n_ops, self.n_blocks) {",
        replace: "if header.first_op < self.n_ops {",
        tests: TESTS,
        caught_by: "a frame taken out",
    },
    Fault {
        name: "trace-double-free",
        file: "bench-harness/trace/src/builder.rs",
        find: "self.slots[block as usize] = FREED;",
        replace: "",
        tests: TESTS,
        caught_by: "a block freed twice",
    },
    Fault {
        name: "trace-age-off-by-one",
        file: "bench-harness/trace/src/compact/calls.rs",
        find: "n_blocks.checked_sub(age)",
        replace: "n_blocks.checked_sub(age - 1)",
        tests: TESTS,
        caught_by: "what is written is read back",
    },
];
