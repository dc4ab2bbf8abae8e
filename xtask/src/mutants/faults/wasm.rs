//! Faults of wasm.

use crate::mutants::fault::{Fault, Suite};

const TESTS: Suite = Suite(&["-p", "malloc-ladder-wasm", "--lib", "--tests"]);

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "wasm-sweep-without-lengths",
        file: "crates/wasm/src/sweep.rs",
        find: "if class < Classes::<LISTS>::N_EXACT {",
        replace: "if false {",
        tests: TESTS,
        caught_by: "I2: a block is merged by a length that was never set",
    },
    Fault {
        name: "wasm-others-pages",
        file: "crates/wasm/src/growth.rs",
        find: "if is_next {",
        replace: "if self.open.end != 0 {",
        tests: TESTS,
        caught_by: "the growth tests: a page that somebody else took",
    },
    Fault {
        name: "wasm-aligned-loses-front",
        file: "crates/wasm/src/aligned.rs",
        find: "self.put(found..block);",
        replace: "",
        tests: TESTS,
        caught_by: "the model: every granule is in a block or free",
    },
    Fault {
        name: "wasm-small-block-takes-pages",
        file: "crates/wasm/src/resize.rs",
        find: "if !is_most || self.open.end",
        replace: "if self.open.end",
        tests: TESTS,
        caught_by: "the growth tests: a small block at the end",
    },
];
