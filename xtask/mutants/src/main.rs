//! `mutants`: proof that the tests find faults.
//!
//! Each fault of the lists in `xtask/mutants/faults` is seeded into a copy of the workspace, alone, and the tests that it
//! concerns are run there. A test that fails has caught it, and so has one that does not end in time: a
//! broken list often becomes a circle. A fault that all tests let pass has survived.

mod trial;

use std::process::ExitCode;
use std::time::Instant;

use mutants::Fault;
use xtask_base::options::Options;
use xtask_base::process::{root, target_dir};
use xtask_base::tree::Tree;
use xtask_base::{Result, listing, nearest};

use trial::{Trial, Verdict};

fn main() -> ExitCode {
    xtask_base::main(|args| run(args.get(1..).unwrap_or_default()))
}

fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let list = options.flag("--list");
    let only = options.values("--only")?;
    options.finish()?;
    let sources = Tree::read(&root())?;
    let all = mutants::read(&sources)?;
    let faults = choose(&all, &only)?;
    match list {
        true => listing::print(faults),
        false => seed_all(sources, &faults),
    }
}

/// Those of these names, or all.
fn choose<'a>(all: &'a [Fault], names: &[String]) -> Result<Vec<&'a Fault>> {
    if names.is_empty() {
        return Ok(all.iter().collect());
    }
    let find = |name: &String| {
        let unknown = format!("there is no fault `{name}`");
        let list = "`cargo xtask mutants --list` names them";
        nearest::find(name, all, |fault| &fault.name, &unknown, list)
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
