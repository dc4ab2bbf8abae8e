//! Faults of bump.

use crate::mutants::fault::{Fault, Suite};

const TESTS: Suite = Suite(&["-p", "malloc-ladder-bump", "--lib", "--tests"]);

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "bump-end-plus-granule",
        file: "crates/bump/src/bump.rs",
        find: "if left.cast_signed() < 0 {",
        replace: "if left.cast_signed() < -(GRANULE as isize) {",
        tests: TESTS,
        caught_by: "the shadow model: a block outside the region",
    },
    Fault {
        name: "bump-alignment-16",
        file: "crates/bump/src/bump.rs",
        find: "if align <= GRANULE {",
        replace: "if align <= 2 * GRANULE {",
        tests: TESTS,
        caught_by: "the contract's alignments",
    },
    Fault {
        name: "bump-frees-any-block",
        file: "crates/bump/src/bump.rs",
        find: "if self.is_last(block, size) {",
        replace: "if self.used() >= size {",
        tests: TESTS,
        caught_by: "the shadow model: a block handed out twice",
    },
    Fault {
        name: "bump-grows-past-end",
        file: "crates/bump/src/bump.rs",
        find: "self.make_room(new_size.saturating_sub(old_size))?;",
        replace: "",
        tests: TESTS,
        caught_by: "the contract's exhaustion, I1",
    },
    Fault {
        name: "bump-failed-initialiser-keeps-block",
        file: "crates/bump/src/scope.rs",
        find: "unsafe { (&self.scope.bump).deallocate(self.block, self.layout) };",
        replace: "let _ = (self.block, self.layout);",
        tests: TESTS,
        caught_by: "the hundred thousand initialisers that fail",
    },
];
