//! Writes the still figures into the book, and the modules of a page into one script: `heap-lab write|check ROOT`.
//!
//! `cargo xtask figures` runs it, after it has built the module: `heap-lab write ROOT --module FILE FINGERPRINT`.

mod book;
mod bundle;
mod figure;
mod tag;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// A file of the workspace and what it should say.
struct Output {
    path: String,
    text: String,
}

const USAGE: &str =
    "usage: heap-lab write|check ROOT, or heap-lab write ROOT --module FILE FINGERPRINT";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["write", root] => write(Path::new(root)),
        ["write", root, "--module", file, fingerprint] => {
            module(Path::new(root), Path::new(file), fingerprint)
                .and_then(|()| write(Path::new(root)))
        }
        ["check", root] => check(Path::new(root)),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn outputs(root: &Path) -> Result<Vec<Output>, String> {
    let mut outputs = book::outputs(root)?;
    outputs.push(bundle::script(root)?);
    Ok(outputs)
}

fn module(root: &Path, file: &Path, fingerprint: &str) -> Result<(), String> {
    let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    save(root, &bundle::module(&bytes, fingerprint))
}

fn write(root: &Path) -> Result<(), String> {
    for output in outputs(root)?
        .iter()
        .filter(|output| !is_written(root, output))
    {
        save(root, output)?;
    }
    Ok(())
}

fn save(root: &Path, output: &Output) -> Result<(), String> {
    let path = root.join(&output.path);
    let folder = path.parent().unwrap_or(root);
    let saved = fs::create_dir_all(folder).and_then(|()| fs::write(&path, &output.text));
    saved.map_err(|error| format!("{}: {error}", output.path))?;
    println!("{}: {} bytes", output.path, output.text.len());
    Ok(())
}

fn is_written(root: &Path, output: &Output) -> bool {
    fs::read_to_string(root.join(&output.path)).is_ok_and(|text| text == output.text)
}

fn check(root: &Path) -> Result<(), String> {
    let outputs = outputs(root)?;
    let stale = outputs.iter().filter(|output| !is_written(root, output));
    let stale: Vec<&str> = stale.map(|output| output.path.as_str()).collect();
    match stale.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "not what the figures are now: {}\n`cargo xtask figures` writes them",
            stale.join(", ")
        )),
    }
}
