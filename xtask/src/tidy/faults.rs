//! The place of every seeded fault is found exactly once, so that none misses its mark.

use super::Finding;
use crate::mutants::{Fault, faults};
use crate::tree::Tree;

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    faults().filter_map(|fault| drifted(tree, fault)).collect()
}

fn drifted(tree: &Tree, fault: &Fault) -> Option<Finding> {
    let error = fault.seed(tree.text(fault.file)).err()?;
    Some(Finding::new(
        fault.file,
        0,
        format!("the seeded fault `{}`: {error}", fault.name),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::Suite;

    const FAULT: Fault = Fault {
        name: "off-by-one",
        file: "a.rs",
        find: "end <= limit",
        replace: "end < limit",
        tests: Suite(&["-p", "a"]),
        caught_by: "the last byte is used",
    };

    #[test]
    fn a_place_that_is_gone_or_not_alone_is_found() {
        let drifted = |text| drifted(&Tree::of(&[("a.rs", text)]), &FAULT).is_some();
        assert!(drifted("end == limit"));
        assert!(drifted("end <= limit || end <= limit"));
        assert!(!drifted("if end <= limit {}"));
    }
}
