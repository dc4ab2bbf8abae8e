//! What the workspace ships.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folder of the workspace that this program was built from.
pub fn workspace() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}

/// Name and file of each shipped trace, sorted by name.
///
/// # Errors
///
/// The folder exists and cannot be listed.
pub fn shipped_traces() -> Result<Vec<(String, PathBuf)>> {
    let folder = workspace().join("bench-harness/traces");
    let mut traces = Vec::new();
    if !folder.is_dir() {
        return Ok(traces);
    }
    for entry in folder
        .read_dir()
        .with_context(|| format!("cannot list {}", folder.display()))?
    {
        let path = entry?.path();
        if let Some(name) = path
            .file_stem()
            .filter(|_| path.extension().is_some_and(|e| e == "trace"))
        {
            traces.push((name.to_string_lossy().into_owned(), path));
        }
    }
    traces.sort();
    Ok(traces)
}
