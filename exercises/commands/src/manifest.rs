//! The manifest of a workspace around one stage: what the stage inherits from this one.

use std::path::Path;

use serde::Deserialize;
use xtask_base::Result;

/// The sections of the workspace's manifest that a stage outside of it needs.
const INHERITED: &[&str] = &[
    "[workspace.package]",
    "[workspace.dependencies]",
    "[workspace.lints.rust]",
    "[workspace.lints.clippy]",
    "[profile.dev]",
    "[profile.test]",
];

/// The manifest of a workspace with the member `package`, which inherits what it does in the workspace at
/// `root`, whose manifest is `text`.
///
/// # Errors
///
/// `root` cannot be written in a manifest.
pub(crate) fn around(package: &str, text: &str, root: &Path) -> Result<String> {
    let mut manifest = format!("[workspace]\nresolver = \"3\"\nmembers = [\"{package}\"]\n");
    for name in INHERITED {
        let section = section(text, name).unwrap_or_default();
        manifest += &format!("\n{}\n", section.trim_end());
    }
    with_paths(&manifest, root)
}

/// The name of the package that a manifest describes.
pub(crate) fn package_name(manifest: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Manifest {
        package: Package,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
    }
    let manifest: Manifest = toml::from_str(manifest).ok()?;
    Some(manifest.package.name)
}

/// The section of a manifest with the header `name`, up to the next header or comment line.
pub(crate) fn section<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let start = text.find(&format!("\n{name}\n"))? + 1;
    let rest = &text[start..];
    let end = rest.find("\n[").or_else(|| rest.find("\n#"));
    let end = end.map_or(rest, |end| &rest[..end]);
    // A comment above the next header belongs to that.
    let end = end.find("\n\n#").map_or(end, |comment| &end[..comment]);
    Some(end)
}

/// The manifest with the paths of `root` in full.
///
/// # Errors
///
/// `root` cannot be written in a manifest.
fn with_paths(manifest: &str, root: &Path) -> Result<String> {
    let root = quoted(root)?;
    let root = root.trim_matches('"');
    Ok(manifest.replace("path = \"crates/", &format!("path = \"{root}/crates/")))
}

/// A path as a string of TOML.
///
/// # Errors
///
/// The path is no text.
pub(crate) fn quoted(path: &Path) -> Result<String> {
    let text = path
        .to_str()
        .filter(|text| !text.contains(['"', '\\', '\n']));
    let text = text.ok_or_else(|| format!("{} cannot be written in a manifest", path.display()))?;
    Ok(format!("\"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[workspace]\nmembers = [\"crates/*\"]\n\n[workspace.package]\nversion = \"0.1.0\"\n\n\
                        [workspace.dependencies]\na = { path = \"crates/a\" }\n\n# Why.\n[profile.test]\n\
                        opt-level = 1\n\n# More.\n[profile.test.package.x]\nopt-level = 2\n";

    #[test]
    fn what_is_inherited_is_taken_over_and_paths_are_whole() {
        let manifest = around("stage", TEXT, Path::new("/top")).unwrap();
        assert!(manifest.contains("members = [\"stage\"]"), "{manifest}");
        assert!(manifest.contains("version = \"0.1.0\""), "{manifest}");
        assert!(manifest.contains("path = \"/top/crates/a\""), "{manifest}");
        assert!(
            manifest.contains("[profile.test]\nopt-level = 1\n"),
            "{manifest}"
        );
        assert!(
            !manifest.contains("package.x") && !manifest.contains('#'),
            "{manifest}"
        );
    }

    #[test]
    fn a_path_that_would_break_the_manifest_is_refused() {
        assert!(quoted(Path::new("a\"b")).is_err());
        assert_eq!(quoted(Path::new("/a b")).unwrap(), "\"/a b\"");
    }
}
