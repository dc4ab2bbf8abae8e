//! The module of the book's figures was made from the sources as they are.

use super::Finding;
use crate::figures::{MODULE, fingerprint};
use crate::tree::Tree;

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

#[cfg(test)]
mod tests {
    use super::*;

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
