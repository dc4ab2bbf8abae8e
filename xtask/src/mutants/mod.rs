//! `mutants`: proof that the tests find faults.
//!
//! Each fault of the table is seeded into a copy of the workspace, alone, and the tests that it
//! concerns are run there. A test that fails has caught it, and so has one that does not end in time: a
//! broken list often becomes a circle. A fault that all tests let pass has survived.

mod copy;
mod fault;
mod faults;
mod trial;

use std::time::Instant;

use crate::Result;
use crate::listing;
use crate::nearest::nearest;
use crate::options::Options;
use crate::process::{root, target_dir};
use crate::tree::Tree;

pub(crate) use fault::Fault;
#[cfg(test)]
pub(crate) use fault::Suite;
pub(crate) use faults::faults;
use trial::{Trial, Verdict};

pub(crate) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let list = options.flag("--list");
    let mut only = Vec::new();
    while let Some(name) = options.value("--only")? {
        only.push(name);
    }
    options.finish()?;
    let faults = choose(&only)?;
    if list {
        return listing::print(faults);
    }
    seed_all(&faults)
}

fn choose(names: &[String]) -> Result<Vec<&'static Fault>> {
    if names.is_empty() {
        return Ok(faults().collect());
    }
    names.iter().map(|name| find(name)).collect()
}

fn find(name: &str) -> Result<&'static Fault> {
    faults().find(|fault| fault.name == name).ok_or_else(|| {
        let near = nearest(name, faults().map(|fault| fault.name));
        let hint = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        format!("there is no fault `{name}`: {hint}`cargo xtask mutants --list` names them")
    })
}

/// Tries the faults in turn and reports each as it is decided.
fn seed_all(faults: &[&Fault]) -> Result {
    let sources = Tree::read(&root())?;
    for fault in faults {
        fault
            .seed(sources.text(fault.file))
            .map_err(|error| format!("{}: {error}", fault.name))?;
    }
    let mut trial = Trial::new(sources, target_dir().join("mutants"))?;
    let mut n_caught = 0;
    for fault in faults {
        let started = Instant::now();
        let verdict = trial.run(fault)?;
        n_caught += usize::from(verdict.is_caught());
        let seconds = started.elapsed().as_secs_f64();
        println!("{:<36}{verdict} ({seconds:.0} s)", fault.name);
        if let Verdict::Survived = verdict {
            println!(
                "    in {}: {}; {}",
                fault.file,
                fault.change(),
                fault.caught_by
            );
        }
    }
    println!("{n_caught} of {} faults caught", faults.len());
    match n_caught == faults.len() {
        true => Ok(()),
        false => Err(format!(
            "{} faults were not caught",
            faults.len() - n_caught
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_unknown_fault_points_to_the_list() {
        assert!(find("nothing-of-the-kind").unwrap_err().contains("--list"));
    }

    #[test]
    fn names_are_unique_and_each_fault_changes_something() {
        let mut names = HashSet::new();
        for fault in faults() {
            assert_ne!(fault.find, fault.replace, "{}", fault.name);
            assert!(names.insert(fault.name), "{}", fault.name);
        }
    }
}
