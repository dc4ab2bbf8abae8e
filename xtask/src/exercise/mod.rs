//! `exercise`: a phase's stage with holes to fill, or a crate for a stage of one's own.

mod holes;
mod layout;
pub(crate) mod manifest;
mod trial;

use std::path::{Path, PathBuf};

use crate::options::Options;
use crate::process::{root, target_dir};
use crate::tree::Tree;
use crate::{Result, listing};

use holes::{EXERCISES, Exercise};

const USAGE: &str = "usage: cargo xtask exercise N [DIR] [--solution]\n       \
                     cargo xtask exercise new DIR\n       \
                     cargo xtask exercise --list\n       \
                     cargo xtask exercise --check [N…]";

pub(crate) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let is_list = options.flag("--list");
    let is_check = options.flag("--check");
    let is_solution = options.flag("--solution");
    let words = options.words()?;
    if is_list {
        return listing::print(EXERCISES.iter().map(Exercise::summary));
    }
    let tree = Tree::read(&root())?;
    if is_check {
        return trial::run(&tree, &chosen(&words)?);
    }
    match words.as_slice() {
        [word, dir] if word == "new" => new(&tree, Path::new(dir)),
        [number] if number != "new" => {
            let exercise = find(number)?;
            lay_out(&tree, exercise, &usual_dir(exercise), is_solution)
        }
        [number, dir] => lay_out(&tree, find(number)?, Path::new(dir), is_solution),
        _ => Err(USAGE.to_owned()),
    }
}

fn chosen(words: &[String]) -> Result<Vec<&'static Exercise>> {
    match words {
        [] => Ok(EXERCISES.iter().collect()),
        words => words.iter().map(|word| find(word)).collect(),
    }
}

fn find(number: &str) -> Result<&'static Exercise> {
    let found = EXERCISES
        .iter()
        .find(|exercise| exercise.phase.to_string() == number);
    found.ok_or_else(|| {
        let why = match number {
            "0" => "phase 0 has no stage; its exercises are in its chapter",
            _ => "the phases with a stage are 1 to 6",
        };
        format!("there is no exercise `{number}`: {why}\n{USAGE}")
    })
}

fn usual_dir(exercise: &Exercise) -> PathBuf {
    target_dir().join(format!("exercises/phase-{}", exercise.phase))
}

fn lay_out(tree: &Tree, exercise: &Exercise, dir: &Path, is_solution: bool) -> Result {
    layout::must_be_new(dir)?;
    let files = layout::of(tree, exercise, is_solution)?;
    layout::write(dir, &files)?;
    let shown = dir.display();
    println!("phase {}: {}\n", exercise.phase, exercise.about);
    for hole in exercise.holes {
        println!("  {shown}/{}: `{}`", hole.path(exercise), hole.name);
        println!("      {}", hole.task);
    }
    println!("\nTo test it:  cd {shown} && {}", exercise.test_line());
    println!(
        "The answer:  cargo xtask exercise {} DIR --solution",
        exercise.phase
    );
    Ok(())
}

fn new(tree: &Tree, dir: &Path) -> Result {
    layout::must_be_new(dir)?;
    layout::write(dir, &layout::template(tree, dir)?)?;
    let shown = dir.display();
    println!("{shown}/src/lib.rs: an allocator that refuses every request\n");
    println!("To test it:   cd {shown} && cargo test");
    println!("To grade it:  cargo xtask grade --crate {shown} --quick");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_without_a_stage_says_where_its_exercises_are() {
        assert!(find("0").err().unwrap().contains("chapter"));
        assert!(find("7").err().unwrap().contains("1 to 6"));
        assert_eq!(find("4").unwrap().package, "coalescing");
    }
}
