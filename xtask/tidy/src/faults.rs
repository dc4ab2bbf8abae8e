//! The place of every seeded fault is found exactly once, so that none misses its mark.

use xtask_base::tree::Tree;

use super::Finding;

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let faults = match mutants::read(tree) {
        Ok(faults) => faults,
        Err(message) => return vec![Finding::new("xtask/mutants/faults", 0, message)],
    };
    let seeded = faults.iter().map(|fault| (fault, fault.seed(tree)));
    let drifted = seeded.filter_map(|(fault, text)| Some((fault, text.err()?)));
    drifted
        .map(|(fault, message)| Finding::new(&fault.file, 0, message))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_whose_place_is_gone_is_found() {
        let list = "tests = []\n[[faults]]\nname = 'f'\nfile = 'a.rs'\nfind = 'b'\nreplace = ''\ncaught_by = ''\n";
        let findings = |text| {
            find(&Tree::of(&[
                ("xtask/mutants/faults/a.toml", list),
                ("a.rs", text),
            ]))
            .len()
        };
        assert_eq!(
            (findings("a b c"), findings("a c"), findings("b b")),
            (0, 1, 1)
        );
    }
}
