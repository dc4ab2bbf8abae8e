//! Builds the library to preload into the recorded program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::RecordError;

/// Returns the workspace from which this program was built.
pub(super) fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package)
}

/// Builds the library, which takes no time if it is up to date, and returns its path.
pub(super) fn build() -> Result<PathBuf, RecordError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--profile",
            "quick",
            "--package",
            "recorder",
        ])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(workspace())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| RecordError::Library(format!("cargo cannot be run ({error})")))?;
    if !built.status.success() {
        return Err(RecordError::Library("see above".to_owned()));
    }
    let messages = String::from_utf8_lossy(&built.stdout);
    let library = messages.lines().find_map(library_of);
    library.ok_or_else(|| RecordError::Library("cargo named no library".to_owned()))
}

/// Returns the path in cargo's message about the library; `None` for another message.
fn library_of(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    if message["reason"] != "compiler-artifact" || message["target"]["name"] != "recorder" {
        return None;
    }
    let files = message["filenames"].as_array()?;
    let library = files
        .iter()
        .filter_map(Value::as_str)
        .find(|file| file.ends_with(".so"))?;
    Some(library.into())
}
