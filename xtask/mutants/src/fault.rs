//! A change to the source that is wrong.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use xtask_base::Result;
use xtask_base::tree::Tree;

/// Where the faults of each crate are listed.
const DIR: &str = "xtask/mutants/faults/";

/// The faults of one crate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    /// For those that name no tests of their own.
    tests: Vec<String>,
    #[serde(default)]
    faults: Vec<Fault>,
}

/// One realistic mistake.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// By this it is chosen.
    pub name: String,
    /// From the workspace's root.
    pub file: String,
    /// Text that the file contains exactly once.
    find: String,
    /// What a tired engineer would have written.
    replace: String,
    /// Arguments of `cargo test`: which tests to run.
    #[serde(default)]
    pub tests: Vec<String>,
    /// What ought to catch it.
    pub caught_by: String,
}

/// All faults that the workspace lists.
///
/// # Errors
///
/// A list is not as it should be.
pub fn read(tree: &Tree) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for (path, text) in tree
        .ending(".toml")
        .filter(|(path, _)| path.starts_with(DIR))
    {
        let list: List = toml::from_str(text).map_err(|error| format!("{path}: {error}"))?;
        faults.extend(list.faults.into_iter().map(|fault| match &fault.tests[..] {
            [] => Fault {
                tests: list.tests.clone(),
                ..fault
            },
            _ => fault,
        }));
    }
    let mut names = HashSet::new();
    match faults.iter().find(|fault| !names.insert(&fault.name)) {
        Some(Fault { name, .. }) => Err(format!("there are two faults `{name}`")),
        None => Ok(faults),
    }
}

impl Fault {
    /// The file's text with the fault in it.
    ///
    /// # Errors
    ///
    /// The file is not there, the place is not found exactly once, or nothing changes: the source has moved on, and the
    /// list must follow.
    pub fn seed(&self, tree: &Tree) -> Result<String> {
        let Self {
            name,
            file,
            find,
            replace,
            ..
        } = self;
        let failed = |why: &str| format!("the fault `{name}` in {file}: {why}");
        let text = tree
            .text(file)
            .ok_or_else(|| failed("there is no such file"))?;
        match text.matches(find).count() {
            1 if find != replace => Ok(text.replacen(find, replace, 1)),
            1 => Err(failed("it changes nothing")),
            n => Err(failed(&format!("`{find}` is found {n} times, not once"))),
        }
    }

    /// The change on one line.
    pub fn change(&self) -> String {
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("`{}` became `{}`", flat(&self.find), flat(&self.replace))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})", self.name, self.file)?;
        writeln!(f, "    {}", self.change())?;
        write!(f, "    ought to be caught by: {}", self.caught_by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "tests = [\"-p\", \"a\"]\n[[faults]]\nname = \"off-by-one\"\nfile = \"a.rs\"\n\
                        find = 'end <= limit'\nreplace = 'end < limit'\ncaught_by = 'the last byte'\n";

    #[test]
    fn a_fault_is_seeded_where_its_place_is_found_once() {
        let faults = read(&Tree::of(&[("xtask/mutants/faults/a.toml", LIST)])).unwrap();
        let seeded = |text| faults[0].seed(&Tree::of(&[("a.rs", text)]));
        assert_eq!(
            seeded("if end <= limit {"),
            Ok("if end < limit {".to_owned())
        );
        assert!(seeded("if limit >= end {").unwrap_err().contains("0 times"));
        assert!(
            seeded("end <= limit; end <= limit")
                .unwrap_err()
                .contains("2 times")
        );
        assert!(
            faults[0]
                .seed(&Tree::of(&[]))
                .unwrap_err()
                .contains("no such file")
        );
        assert_eq!(faults[0].tests, ["-p", "a"]);
    }

    #[test]
    fn a_list_with_less_or_the_same_name_twice_is_refused() {
        let read =
            |text: &str| read(&Tree::of(&[("xtask/mutants/faults/a.toml", text)])).map(|_| ());
        let twice = format!("{LIST}{}", LIST.split_once('\n').unwrap().1);
        assert!(
            read(&twice)
                .unwrap_err()
                .contains("two faults `off-by-one`")
        );
        assert!(
            read(&LIST.replace("find = ", "fnid = "))
                .unwrap_err()
                .contains("`fnid`")
        );
        assert!(
            read("faults = []")
                .unwrap_err()
                .contains("missing field `tests`")
        );
        assert!(read("tests = [").unwrap_err().contains("a.toml"));
    }
}
