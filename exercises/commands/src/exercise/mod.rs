//! `exercise`: a phase's stage with holes to fill, or a crate for a stage of one's own.

mod holes;
mod layout;
mod trial;

use std::path::{Path, PathBuf};

use xtask_base::options::Options;
use xtask_base::process::{root, target_dir};
use xtask_base::tree::Tree;
use xtask_base::{Result, listing};

use holes::{Exercise, exercises};

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
    let all = exercises();
    if is_list {
        return listing::print(all.iter().map(Exercise::summary));
    }
    let tree = Tree::read(&root())?;
    if is_check {
        let named = words
            .iter()
            .map(|word| find(&all, word))
            .collect::<Result<Vec<_>>>()?;
        let chosen = if words.is_empty() {
            all.iter().collect()
        } else {
            named
        };
        return trial::run(&tree, &chosen);
    }
    match words.as_slice() {
        [word, dir] if word == "new" => new(&tree, Path::new(dir)),
        [number] if number != "new" => {
            let exercise = find(&all, number)?;
            lay_out(&tree, exercise, &usual_dir(exercise), is_solution)
        }
        [number, dir] => lay_out(&tree, find(&all, number)?, Path::new(dir), is_solution),
        _ => Err(USAGE.to_owned()),
    }
}

fn find<'a>(all: &'a [Exercise], number: &str) -> Result<&'a Exercise> {
    let found = all.iter().find(|exercise| exercise.phase == number);
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
    for hole in &exercise.holes {
        println!("  {shown}/{}: `{}`", hole.path, hole.name);
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
        assert!(find(&exercises(), "0").err().unwrap().contains("chapter"));
        assert!(find(&exercises(), "7").err().unwrap().contains("1 to 6"));
        assert_eq!(find(&exercises(), "4").unwrap().package, "coalescing");
    }
}
