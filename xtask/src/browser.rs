//! The figures and exercises of the built book in headless Chromium.

use std::path::Path;
use std::time::Duration;

use xtask_base::Result;
use xtask_base::process::{self, command, root};
use xtask_base::tools::{CHROMIUM, NODE, NPM, missing};

use crate::check::Outcome;
use crate::npm::Package;

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
    let (Some(chromium), Some(node)) = (CHROMIUM.here(), NODE.here()) else {
        let how = missing(&[&NODE, &NPM, &CHROMIUM]).unwrap_or_default();
        return Ok(Outcome::Skipped(format!(
            "the figures need node and Chromium: {how}"
        )));
    };
    let axe = AXE.script();
    let mut node = command(node);
    node.arg(root().join("docs/heap-lab/tests/browser/check.mjs"));
    node.arg(chromium).arg(book).args(&axe);
    let (is_well, said) = process::logged(&mut node, "figures", LIMIT)?;
    print!("{said}");
    match (is_well, axe) {
        (false, _) => Err("a figure of the book fails in the browser".to_owned()),
        (true, Some(_)) => Ok(Outcome::Passed),
        (true, None) => {
            let why = missing(&[&NPM]).unwrap_or("npm could not install it".to_owned());
            Ok(Outcome::Skipped(format!(
                "the figures were tested without axe-core: {why}"
            )))
        }
    }
}
