//! The figures and exercises of the built book in headless Chromium.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::Result;
use crate::check::Outcome;
use crate::npm::Package;
use crate::process::{Ended, command, root, run_limited, target_dir, works};

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
    let log = target_dir().join("figures.log");
    let ended = run_limited(&mut node, &log, LIMIT)?;
    print!("{}", fs::read_to_string(&log).unwrap_or_default());
    match (ended, axe) {
        (Ended::Exited(status), _) if !status.success() => {
            Err("a figure of the book fails in the browser".to_owned())
        }
        (Ended::TimedOut, _) => Err(format!("the figures took more than {} s", LIMIT.as_secs())),
        (Ended::Exited(_), Some(_)) => Ok(Outcome::Passed),
        (Ended::Exited(_), None) => {
            let how = "the figures were tested without axe-core: npm could not install it";
            Ok(Outcome::Skipped(how.to_owned()))
        }
    }
}
