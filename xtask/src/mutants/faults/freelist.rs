//! Faults of freelist.

use crate::mutants::fault::{Fault, Suite};

const TESTS: Suite = Suite(&["-p", "malloc-ladder-freelist", "--lib", "--tests"]);

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "freelist-keeps-taken",
        file: "crates/freelist/src/free_list.rs",
        find: "self.unlink(previous, next);",
        replace: "let _ = previous;",
        tests: TESTS,
        caught_by: "I4, and a block handed out twice",
    },
    Fault {
        name: "freelist-too-small",
        file: "crates/freelist/src/free_list.rs",
        find: "header.size() >= size && is_aligned",
        replace: "header.size() >= size - GRANULE && is_aligned",
        tests: TESTS,
        caught_by: "the shadow model: a short block",
    },
    Fault {
        name: "freelist-aligns-header",
        file: "crates/freelist/src/free_list.rs",
        find: "&& is_aligned(block + HEADER, align)",
        replace: "&& is_aligned(block, align.min(HEADER))",
        tests: TESTS,
        caught_by: "the contract's alignments, after reuse",
    },
    Fault {
        name: "freelist-link-in-pad",
        file: "crates/freelist/src/free_list.rs",
        find: "if gap.size() >= MIN_BLOCK {",
        replace: "if gap.size() > 0 {",
        tests: TESTS,
        caught_by: "I4: a pad has no room for a link",
    },
    Fault {
        name: "freelist-double-free",
        file: "crates/freelist/src/free_list.rs",
        find: "State::Free => Err(Misuse::DoubleFree),",
        replace: "State::Free => Ok((block, header)),",
        tests: TESTS,
        caught_by: "the misuse tests",
    },
];
