//! `book`: the docs as a book.

use crate::Result;
use crate::check::Outcome;
use crate::options::Options;
use crate::process::{command, succeed, works};

const INSTALL: &str = "mdBook is not installed: cargo install mdbook --version 0.5.4 --locked";

pub(crate) fn run(args: &[String]) -> Result {
    Options::new(args).finish()?;
    match check()? {
        Outcome::Passed => println!("docs/book/index.html"),
        Outcome::Skipped(why) => return Err(why),
    }
    Ok(())
}

/// Builds the book if mdBook is here; tidy has checked its links and listings in any case.
pub(crate) fn check() -> Result<Outcome> {
    if !works(command("mdbook").arg("--version")) {
        return Ok(Outcome::Skipped(INSTALL.to_owned()));
    }
    succeed(command("mdbook").args(["build", "docs"])).map(|()| Outcome::Passed)
}
