//! Packages from npm, each in a folder of its own below `target`.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use xtask_base::process::{self, command, target_dir};

/// A package, and what is used of it.
pub(crate) struct Package {
    /// The name and the version that npm is asked for.
    pub(crate) name: &'static str,
    /// Where it is installed, below `target`.
    pub(crate) folder: &'static str,
    /// The file that is used, below `node_modules`.
    pub(crate) script: &'static str,
}

impl Package {
    /// Returns the script, and asks npm for it once; `None` if it cannot be had.
    pub(crate) fn script(&self) -> Option<PathBuf> {
        let folder = target_dir().join(self.folder);
        let script = folder.join("node_modules").join(self.script);
        if !script.is_file() && fs::create_dir_all(&folder).is_ok() {
            let mut npm = command("npm");
            npm.args(["install", "--no-save", "--no-audit", "--no-fund"]);
            npm.args(["--fetch-retries=0", "--prefix"])
                .arg(&folder)
                .arg(self.name);
            let _ = process::logged(&mut npm, "npm", Duration::from_secs(60));
        }
        script.is_file().then_some(script)
    }
}
