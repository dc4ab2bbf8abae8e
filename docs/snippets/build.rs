//! Writes a module for each Rust snippet of the READMEs, whose documentation is the snippet: rustdoc
//! makes a program of it and runs it.
//!
//! A snippet with a global allocator becomes a program of its own, which also calls
//! `snippets::exercise`. Nothing else is added or changed.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const EXERCISE: &str = "snippets::exercise();";

fn main() -> Result {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../..");
    let mut modules = String::new();
    for readme in readmes(&root)? {
        println!("cargo::rerun-if-changed={}", readme.display());
        let text = fs::read_to_string(&readme)?;
        let name = readme.strip_prefix(&root)?.display().to_string();
        for (line, snippet) in snippets(&text) {
            write_module(&mut modules, &name, line, &snippet)?;
        }
    }
    let out = PathBuf::from(env::var("OUT_DIR")?).join("snippets.rs");
    Ok(fs::write(out, modules)?)
}

/// The README at the top and that of each crate.
fn readmes(root: &Path) -> Result<Vec<PathBuf>> {
    let mut readmes = vec![root.join("README.md")];
    for entry in fs::read_dir(root.join("crates"))? {
        let readme = entry?.path().join("README.md");
        if readme.exists() {
            readmes.push(readme);
        }
    }
    readmes.sort();
    Ok(readmes)
}

/// The text between each "```rust" and the next "```", with the number of its first line.
fn snippets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line == "```rust" {
            let body = lines.by_ref().map(|(_, line)| line);
            let body = body.take_while(|line| *line != "```");
            found.push((number + 2, body.map(|line| format!("{line}\n")).collect()));
        }
    }
    found
}

fn write_module(modules: &mut String, readme: &str, line: usize, snippet: &str) -> Result {
    let is_global = snippet.contains("#[global_allocator]");
    let (kind, snippet) = match is_global {
        true => ("standalone_crate", exercised(snippet)),
        false => ("", snippet.to_owned()),
    };
    let name: String = readme
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    writeln!(modules, "/// {readme}, line {line}.\n///\n/// ```{kind}")?;
    for line in snippet.lines() {
        writeln!(modules, "/// {line}")?;
    }
    let name = name.to_ascii_lowercase();
    Ok(writeln!(
        modules,
        "/// ```\npub mod {name}_line_{line} {{}}\n"
    )?)
}

/// The snippet, and the exercise at the end of its statements or at the start of its `main`.
fn exercised(snippet: &str) -> String {
    let main = "fn main() {\n";
    match snippet.contains(main) {
        true => snippet.replacen(main, &format!("{main}{EXERCISE}\n"), 1),
        false => format!("{snippet}{EXERCISE}\n"),
    }
}
