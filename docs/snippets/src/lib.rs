//! The READMEs' code as a stranger uses it: in a program with std, with the dependencies and features
//! that the README prints and no others.
//!
//! `cargo xtask check snippets` runs them. (Each crate's own tests run its README as well, but with the
//! features of the test kit.)

use std::collections::HashMap;
use std::thread;

include!(concat!(env!("OUT_DIR"), "/snippets.rs"));

/// Uses a program's allocator in the ways that any program does: it grows and shrinks collections,
/// passes blocks between threads, and prints.
pub fn exercise() {
    let threads = [1_usize, 2, 3].map(|id| thread::spawn(move || count_words(id)));
    let counts = threads.map(|thread| thread.join().expect("a thread that ends"));
    let total: usize = counts.iter().flat_map(HashMap::values).sum();
    assert_eq!(total, 100 + 200 + 300);
    println!("{total} words, {counts:?}");
    eprintln!("{}", "a line of its own ".repeat(10));
}

/// Counts the words of a text that it makes: a hundred for each `id`.
fn count_words(id: usize) -> HashMap<String, usize> {
    let words = (0..100 * id).map(|n| format!("word{}", n % 7));
    let mut text: Vec<String> = words.collect();
    text.shrink_to_fit();
    text.sort();
    let mut counts = HashMap::new();
    for word in text {
        *counts.entry(word).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    const README: &str = include_str!("../../../README.md");
    const MANIFEST: &str = include_str!("../Cargo.toml");

    /// The lines between "```toml" and "```".
    fn printed() -> impl Iterator<Item = &'static str> {
        let blocks = README.split("```toml\n").skip(1);
        blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines())
    }

    /// The manifest has each line that the README prints, with a path where that has a repository.
    #[test]
    fn the_dependencies_are_those_that_are_printed() {
        let dependencies = printed().filter_map(|line| line.split_once(" = "));
        let mut n_lines = 0;
        for (name, value) in dependencies {
            let dir = name.strip_prefix("malloc-ladder-").unwrap_or(name);
            let path = format!("path = \"../../crates/{dir}\"");
            let value = value.replace("git = \"<this repository>\"", &path);
            let line = format!("\n{name} = {value}\n");
            assert!(MANIFEST.contains(&line), "the manifest has no line{line}");
            n_lines += 1;
        }
        assert!(n_lines >= 4, "the README prints dependencies");
    }

    #[test]
    fn a_snippet_of_each_kind_was_found() {
        let modules = include_str!(concat!(env!("OUT_DIR"), "/snippets.rs"));
        for readme in ["/// README.md", "/// crates/bump/README.md"] {
            assert!(modules.contains(readme), "{readme}");
        }
        let n_programs = modules.matches("standalone_crate").count();
        assert!(
            n_programs >= 9,
            "{n_programs} programs with a global allocator"
        );
        assert_eq!(modules.matches("snippets::exercise();").count(), n_programs);
    }
}
