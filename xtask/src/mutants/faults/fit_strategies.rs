//! Faults of fit-strategies.

use crate::mutants::fault::{Fault, Suite};

const TESTS: Suite = Suite(&["-p", "malloc-ladder-fit-strategies", "--lib", "--tests"]);

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "best-fit-takes-largest",
        file: "crates/fit-strategies/src/fit.rs",
        find: "if other.size() < best.size() {",
        replace: "if other.size() > best.size() {",
        tests: TESTS,
        caught_by: "the choices computed from a walk",
    },
    Fault {
        name: "split-below-threshold",
        file: "crates/fit-strategies/src/taking.rs",
        find: "let size = if rest < self.split_threshold {",
        replace: "let size = if rest <= self.split_threshold {",
        tests: TESTS,
        caught_by: "the split threshold test",
    },
    Fault {
        name: "split-rest-too-long",
        file: "crates/fit-strategies/src/taking.rs",
        find: "self.insert_after(link, address + size, rest);",
        replace: "self.insert_after(link, address + size, room);",
        tests: TESTS,
        caught_by: "I1: blocks tile the heap",
    },
    Fault {
        name: "sweep-merges-used",
        file: "crates/fit-strategies/src/sweep.rs",
        find: "&& block.state == BlockState::Free",
        replace: "&& block.state != BlockState::Metadata",
        tests: TESTS,
        caught_by: "the shadow model: a block handed out twice",
    },
    Fault {
        name: "next-fit-rover-dangles",
        file: "crates/fit-strategies/src/free_list.rs",
        find: "if self.rover == block.address {",
        replace: "if self.rover == link {",
        tests: TESTS,
        caught_by: "I5: the rover is in the list",
    },
    Fault {
        name: "address-order-reversed",
        file: "crates/fit-strategies/src/free_list.rs",
        find: "self.before(tiling, |other| other > address)",
        replace: "self.before(tiling, |other| other < address)",
        tests: TESTS,
        caught_by: "I3: the list is in address order",
    },
];
