//! Puts generated text between the markers of a chapter.

use std::fs;

use xtask_base::Result;
use xtask_base::process::root;

/// Replaces what is between `<!-- BEGIN name -->` and `<!-- END name -->` in a file of the workspace.
///
/// # Errors
///
/// The file cannot be read or written, or has no such markers.
pub(crate) fn fill(path: &str, name: &str, text: &str) -> Result {
    let failed = |error| format!("{path}: {error}");
    let full = root().join(path);
    let old = fs::read_to_string(&full).map_err(failed)?;
    let new = filled(&old, name, text).ok_or_else(|| format!("{path} has no `BEGIN {name}`"))?;
    fs::write(full, new).map_err(failed)
}

/// `old` with `text` between the markers; `None` if they are not there.
pub(crate) fn filled(old: &str, name: &str, text: &str) -> Option<String> {
    let (begin, end) = (
        format!("<!-- BEGIN {name} -->\n"),
        format!("<!-- END {name} -->\n"),
    );
    let (before, rest) = old.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{text}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_is_replaced() {
        let old = "a\n<!-- BEGIN x -->\nold\n<!-- END x -->\nb\n";
        let new = filled(old, "x", "new\n").expect("the markers");
        assert_eq!(new, "a\n<!-- BEGIN x -->\nnew\n<!-- END x -->\nb\n");
        assert_eq!(filled(old, "y", "new\n"), None);
    }
}
