//! Which builds a run measures: the program, with all allocators that are part of it, and the
//! preloaded libraries.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};

use crate::allocators::Entry;
use crate::preload::Library;

/// The file that runs, whatever has become of its name since.
const PROGRAM: &str = "/proc/self/exe";

/// CRC-32 of this program and of each library that `entries` and `preload` name.
///
/// # Errors
///
/// A file that cannot be read.
pub(super) fn of(entries: &[Entry], preload: &[Library]) -> Result<BTreeMap<String, u32>> {
    let in_rows = entries
        .iter()
        .filter_map(|entry| Some((entry.name, entry.preload.as_deref()?)));
    let named = preload
        .iter()
        .filter_map(|library| Some((library.name.as_str(), library.path.as_deref()?)));
    let program = ("bench-harness", Path::new(PROGRAM));
    let files = std::iter::once(program).chain(in_rows).chain(named);
    files
        .map(|(name, path)| {
            let crc = crc_of(path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok((name.to_string(), crc))
        })
        .collect()
}

/// Reads the file piece by piece: the memory for all of it would be part of every child's peak.
fn crc_of(path: &Path) -> io::Result<u32> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let mut crc = crc32fast::Hasher::new();
    loop {
        let piece = file.fill_buf()?;
        if piece.is_empty() {
            return Ok(crc.finalize());
        }
        crc.update(piece);
        let len = piece.len();
        file.consume(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_library_that_was_built_anew_is_another_build() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libx.so");
        let library = Library {
            name: "x".to_string(),
            path: Some(path.clone()),
            envs: Vec::new(),
        };
        fs::write(&path, "123456789").unwrap();
        let before = of(&[], std::slice::from_ref(&library)).unwrap();
        assert_eq!(before["x"], 0xCBF4_3926, "the check value of CRC-32");
        let entries = [library.entry().unwrap()];
        assert_eq!(of(&entries, &[]).unwrap(), before);
        fs::write(&path, "another").unwrap();
        let after = of(&entries, &[]).unwrap();
        assert_ne!(after["x"], before["x"]);
        assert_eq!(after["bench-harness"], before["bench-harness"]);
        fs::remove_file(&path).unwrap();
        assert!(of(&entries, &[]).is_err());
    }
}
