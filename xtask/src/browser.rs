//! The figures and exercises of the built book in headless Chromium.

use std::path::Path;
use std::time::Duration;

use crate::Result;
use crate::check::Outcome;
use crate::npm::Package;
use crate::process::{self, command, root, works};

const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// The rules of accessibility that the pages are tested by.
const AXE: Package = Package {
    name: "axe-core@4",
    folder: "axe",
    script: "axe-core/axe.min.js",
};

/// Several times what the check takes, even beside other steps.
const LIMIT: Duration = Duration::from_secs(600);

/// Opens the chapters of `book` and uses every figure; skipped without node and Chromium.
pub(crate) fn check(book: &Path) -> Result<Outcome> {
    let chromium = CHROMIUM
        .iter()
        .find(|name| works(command(name).arg("--version")));
    let (Some(chromium), true) = (chromium, works(command("node").arg("--version"))) else {
        let how = "the figures need node and Chromium: apt-get install -y nodejs npm chromium fonts-dejavu-core";
        return Ok(Outcome::Skipped(how.to_owned()));
    };
    let axe = AXE.script();
    let mut node = command("node");
    node.arg(root().join("docs/heap-lab/tests/browser/check.mjs"));
    node.arg(chromium).arg(book).args(&axe);
    let (is_well, said) = process::logged(&mut node, "figures", LIMIT)?;
    print!("{said}");
    match (is_well, axe) {
        (false, _) => Err("a figure of the book fails in the browser".to_owned()),
        (true, Some(_)) => Ok(Outcome::Passed),
        (true, None) => {
            let how = "the figures were tested without axe-core: npm could not install it";
            Ok(Outcome::Skipped(how.to_owned()))
        }
    }
}
