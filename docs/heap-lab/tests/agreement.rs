//! The WebAssembly module in the book's pages and native code get the same heaps from the same traces.
//!
//! The module runs in node where node is installed; elsewhere the test says that it is skipped. Hashes are compared as
//! they are: all words of a record are 32 bits wide on both, and so are the headers of these stages. Links of
//! `freelist` and `fit-strategies` are addresses, of 8 bytes here and of 4 there; they do not change the size of a block,
//! and the hash has the order of the list, not the links.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

use heap_lab::{Lab, Stage, Threads, Trace, hash, records, say};

const SEEDS: [u32; 3] = [1, 20, 300];
const N_OPS: u32 = 400;

/// Operations of two threads.
const THREADS: &str = "A malloc; A malloc; A malloc; A malloc; A malloc; B free a1; B free a2; A malloc; B free a3; A malloc; \
                       B malloc; A free b1; wait; B malloc; B free a9";

/// A script of random operations; `seed` chooses them. Some are mistakes, and some do not fit.
fn script(seed: u32) -> String {
    let mut state = seed;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % below
    };
    let mut script = String::new();
    for _ in 0..N_OPS {
        let (block, size) = (random(24), random(240));
        let _ = match random(10) {
            0..5 => write!(script, "b{block} = malloc {size};"),
            5 => write!(
                script,
                "b{block} = malloc {size} align {};",
                16 << random(3)
            ),
            6 => write!(script, "realloc b{block} {size};"),
            _ => write!(script, "free b{block};"),
        };
    }
    script + "trim 0; reset"
}

/// A line for each stage and script: the hashes after every 50 operations, and the last sentence. Then what each operation
/// of the threads did.
fn native() -> String {
    let mut lines = String::new();
    for stage in Stage::ALL {
        for seed in SEEDS {
            let trace = Trace::of_script(&script(seed)).unwrap();
            let mut lab = Lab::new(stage, 8192, 0);
            let _ = write!(lines, "{} {seed}", stage.name());
            for (index, op) in trace.ops.iter().enumerate() {
                lab.step(*op);
                assert_eq!(lab.check(), Ok(()), "{}, operation {index}", stage.name());
                if index % 50 == 49 {
                    let _ = write!(lines, " {:x}", hash(&records(&lab)));
                }
            }
            let _ = writeln!(lines, " {}", say(&lab, &trace, &records(&lab)));
        }
    }
    let threads = Threads::of_script(THREADS).unwrap();
    for index in 0..=threads.n_ops() {
        let _ = writeln!(lines, "{}", threads.said(index));
    }
    lines
}

#[test]
fn the_module_and_this_code_agree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scripts: Vec<String> = SEEDS
        .iter()
        .map(|&seed| format!("{seed} {}", script(seed)))
        .collect();
    let output = Command::new("node")
        .arg(folder.join("tests/agreement.mjs"))
        .arg(folder.join("page/module.js"))
        .arg(Stage::ALL.map(Stage::name).join(" "))
        .arg(THREADS)
        .args(scripts)
        .output();
    let Ok(output) = output else {
        // Past the capture of test output: a skipped test says so.
        let note = "skipped: the figures' module is compared where node is installed (apt-get install -y nodejs)";
        writeln!(io::stderr(), "{note}").unwrap();
        return;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let said = String::from_utf8(output.stdout).unwrap();
    for (ours, theirs) in native().lines().zip(said.lines()) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(native().lines().count(), said.lines().count());
}
