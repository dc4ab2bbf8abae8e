//! `defences`: builds the allocators that the tool for tables runs its programs under.

use xtask_base::options::Options;
use xtask_base::{Result, launch};

use crate::{peer_libraries, preload};

pub(crate) fn run(args: &[String]) -> Result {
    launch::needs_linux()?;
    // Said at once, and not when the libraries are built.
    let mut options = Options::new(args);
    options.flag("--docs");
    options.number("--runs", 1)?;
    options.finish()?;
    let mut libraries = Vec::new();
    for name in peer_libraries::hardened() {
        match peer_libraries::build(name) {
            Ok(path) => libraries.push(format!("{name}={}", path.display())),
            Err(why) => eprintln!("{name}: left out: {why}"),
        }
    }
    let ours = preload::build("thread-cached", false)?;
    libraries.push(format!("ours={}", ours.display()));
    let mut run = launch::tool("tables", &["defences"], args);
    run.args(libraries.iter().flat_map(|library| ["--library", library]));
    launch::become_it(run)
}
