//! `figures`: the stages in WebAssembly for the book's pages, and its still figures. The rule of that name sees that they
//! were made from the sources as they are.

use xtask_base::options::Options;
use xtask_base::process::{cargo, root, succeed, target_dir};
use xtask_base::tree::Tree;
use xtask_base::{Result, rustup};

use super::Finding;

const TARGET: &str = "wasm32-unknown-unknown";

/// The script with the module. Its first line has the fingerprint of the sources.
pub(super) const MODULE: &str = "docs/heap-lab/page/module.js";

/// What the module is compiled from.
const SOURCES: &[&str] = &[
    "crates/core-api/src/",
    "crates/bump/src/",
    "crates/freelist/src/",
    "crates/fit-strategies/src/",
    "crates/coalescing/src/",
    "crates/headerless/src/",
    "crates/thread-cached/src/layout/",
    "crates/thread-cached/src/link.rs",
    "crates/thread-cached/src/remote/",
    "docs/heap-lab/src/",
    "docs/heap-lab/threads/src/",
];

/// Parts of these that are not compiled for a page: the test kit, and the program that writes the book.
const NOT_IN_IT: &[&str] = &["crates/core-api/src/testing/", "docs/heap-lab/src/bin/"];

pub(super) fn run(args: &[String]) -> Result {
    Options::new(args).finish()?;
    if let Some(how) = rustup::missing_target(TARGET) {
        return Err(how);
    }
    let scope = ["rustc", "-p", "heap-lab", "--lib", "--crate-type", "cdylib"];
    let mut build = cargo(&scope);
    build.args(["--profile", "figures", "--target", TARGET]);
    succeed(&mut build)?;
    let module = target_dir().join(TARGET).join("figures/heap_lab.wasm");
    let mut write = cargo(&["run", "--quiet", "-p", "heap-lab", "--", "write"]);
    write.arg(root()).arg("--module").arg(module);
    succeed(write.arg(fingerprint(&Tree::read(&root())?)))
}

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let Some(module) = tree.text(MODULE) else {
        return Vec::new();
    };
    let head = module.lines().next().unwrap_or_default();
    if head.contains(&fingerprint(tree)) {
        return Vec::new();
    }
    let message = "made from other sources of the stages or of docs/heap-lab: `cargo xtask figures` makes it anew";
    vec![Finding::new(MODULE, 1, message)]
}

/// Returns a number that changes with the module's sources, but not with their comments and blank lines: FNV-1a.
fn fingerprint(tree: &Tree) -> String {
    let is_source = |path: &&str| {
        let is_in = |folders: &[&str]| folders.iter().any(|folder| path.starts_with(folder));
        is_in(SOURCES) && !is_in(NOT_IN_IT)
    };
    let sources = tree.ending(".rs").filter(|(path, _)| is_source(path));
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//");
    let lines = sources.flat_map(|(_, text)| text.lines().map(str::trim).filter(is_code));
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in lines.flat_map(|line| line.bytes().chain([b'\n'])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, text: &str) -> String {
        fingerprint(&Tree::of(&[(path, text)]))
    }

    #[test]
    fn code_changes_the_fingerprint_and_comments_do_not() {
        let source = "crates/bump/src/lib.rs";
        let plain = of(source, "fn f() {}\n");
        assert_eq!(of(source, "// Why.\n\n    fn f() {}\n"), plain);
        assert_ne!(of(source, "fn g() {}\n"), plain);
    }

    #[test]
    fn what_is_not_in_the_module_does_not_change_it() {
        let nothing = of("README.md", "");
        for path in [
            "crates/mmap-backed/src/lib.rs",
            "crates/core-api/src/testing/lab.rs",
            "docs/heap-lab/src/bin/heap-lab/main.rs",
        ] {
            assert_eq!(of(path, "fn f() {}\n"), nothing, "{path}");
        }
    }

    #[test]
    fn a_module_of_other_sources_is_found() {
        let source = ("crates/bump/src/lib.rs", "fn f() {}\n");
        let fingerprint = fingerprint(&Tree::of(&[source]));
        let module = |head: &str| find(&Tree::of(&[source, (MODULE, head)])).len();
        assert_eq!(
            module(&format!("// with the fingerprint {fingerprint}.\n")),
            0
        );
        assert_eq!(module("// with the fingerprint 0.\n"), 1);
        assert_eq!(find(&Tree::of(&[source])), []);
    }
}
