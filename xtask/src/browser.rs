//! The figures and exercises of the built book in headless Chromium.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Result;
use crate::check::Outcome;
use crate::process::{self, command, root, target_dir, works};

const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// The rules of accessibility that the pages are tested by, from npm.
const AXE: &str = "axe-core@4";

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
    let axe = axe();
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

/// Returns axe-core's script, and asks npm for it once; `None` if it cannot be had.
fn axe() -> Option<PathBuf> {
    let folder = target_dir().join("axe");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.is_file() && fs::create_dir_all(&folder).is_ok() {
        let mut npm = command("npm");
        npm.args(["install", "--no-save", "--no-audit", "--no-fund"]);
        npm.args(["--fetch-retries=0", "--prefix"])
            .arg(&folder)
            .arg(AXE);
        let _ = process::logged(&mut npm, "npm", Duration::from_secs(60));
    }
    script.is_file().then_some(script)
}
