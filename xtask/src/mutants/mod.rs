//! `mutants`: proof that the tests find faults.
//!
//! Each fault of the lists in `xtask/faults` is seeded into a copy of the workspace, alone, and the tests that it
//! concerns are run there. A test that fails has caught it, and so has one that does not end in time: a
//! broken list often becomes a circle. A fault that all tests let pass has survived.

mod fault;
mod trial;

use std::time::Instant;

use crate::options::Options;
use crate::process::{root, target_dir};
use crate::tree::Tree;
use crate::{Result, listing, nearest};

pub(crate) use fault::{Fault, read};
use trial::{Trial, Verdict};

pub(crate) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let list = options.flag("--list");
    let only = options.values("--only")?;
    options.finish()?;
    let sources = Tree::read(&root())?;
    let all = read(&sources)?;
    let faults = choose(&all, &only)?;
    match list {
        true => listing::print(faults),
        false => seed_all(sources, &faults),
    }
}

fn choose<'a>(all: &'a [Fault], names: &[String]) -> Result<Vec<&'a Fault>> {
    if names.is_empty() {
        return Ok(all.iter().collect());
    }
    let find = |name: &String| {
        let found = all.iter().find(|fault| fault.name == *name);
        let known = all.iter().map(|fault| &*fault.name);
        found.ok_or_else(|| {
            let list = "`cargo xtask mutants --list` names them";
            format!(
                "there is no fault `{name}`: {}",
                nearest::hint(name, known, list)
            )
        })
    };
    names.iter().map(find).collect()
}

/// Tries the faults in turn and reports each as it is decided.
fn seed_all(sources: Tree, faults: &[&Fault]) -> Result {
    for fault in faults {
        fault.seed(&sources)?;
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
            let Fault {
                file, caught_by, ..
            } = fault;
            println!("    in {file}: {}; {caught_by}", fault.change());
        }
    }
    println!("{n_caught} of {} faults caught", faults.len());
    match faults.len() - n_caught {
        0 => Ok(()),
        n => Err(format!("{n} faults were not caught")),
    }
}
