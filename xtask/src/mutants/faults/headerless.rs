//! Faults of headerless.

use crate::mutants::fault::{Fault, Suite};

const TESTS: Suite = Suite(&["-p", "malloc-ladder-headerless", "--lib", "--tests"]);

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "headerless-split-unmarked",
        file: "crates/headerless/src/taking.rs",
        find: "self.memory.set_edge(rest);",
        replace: "",
        tests: TESTS,
        caught_by: "I2: the rest of a split block has no first edge",
    },
    Fault {
        name: "headerless-clears-shared-edge",
        file: "crates/headerless/src/merging.rs",
        find: "if inner / PAIR != outer / PAIR {",
        replace: "if inner != outer {",
        tests: TESTS,
        caught_by: "I2: the edges of a short block share a bit",
    },
    Fault {
        name: "headerless-one-granule-used",
        file: "crates/headerless/src/heap.rs",
        find: "Some(select_unpredictable(n < MIN_SIZE, MIN_SIZE, n))",
        replace: "Some(n.max(1))",
        tests: TESTS,
        caught_by: "a neighbour's edge in the pair of a used block",
    },
    Fault {
        name: "headerless-links-in-pad",
        file: "crates/headerless/src/giving.rs",
        find: "if size >= MIN_SIZE {",
        replace: "if size > 0 {",
        tests: TESTS,
        caught_by: "I5: a pad has no room for links",
    },
    Fault {
        name: "headerless-double-free",
        file: "crates/headerless/src/misuse.rs",
        find: "(!begins_free && is_sound)",
        replace: "is_sound",
        tests: TESTS,
        caught_by: "the misuse tests",
    },
    Fault {
        name: "headerless-believes-one-end",
        file: "crates/headerless/src/misuse.rs",
        find: "is_inside && unsafe",
        replace: "is_inside || unsafe",
        tests: TESTS,
        caught_by: "the misuse tests: an overwritten size",
    },
];
