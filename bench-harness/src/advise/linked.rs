//! The allocator that the recorded program is linked with, for which libc stands.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use crate::trace::compact::Reader;

/// Returns the sentence about a program that does not run on libc's allocator; empty if the trace names no other.
pub(super) fn text(trace: Option<&Path>) -> String {
    let provenance = trace.and_then(|path| {
        let reader = Reader::new(BufReader::new(File::open(path).ok()?)).ok()?;
        Some(reader.provenance().clone())
    });
    match provenance {
        Some(known) if !known.allocator.is_empty() => format!(
            "\n{} is linked with {}: where it says libc below, the program runs on that allocator, and the replay \
             on libc's.\n",
            known.program, known.allocator
        ),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Builder, Provenance};

    #[test]
    fn a_linked_allocator_is_named_and_no_other_is() {
        let folder = tempfile::tempdir().unwrap();
        let said_of = |allocator: &str| {
            let mut builder = Builder::new();
            builder.set_provenance(Provenance {
                program: "server".to_string(),
                allocator: allocator.to_string(),
                ..Provenance::default()
            });
            let path = folder.path().join("server.trace");
            builder.finish("server").write(&path).unwrap();
            text(Some(&path))
        };
        let said = said_of("libjemalloc.so.2");
        assert!(
            said.contains("server is linked with libjemalloc.so.2"),
            "{said}"
        );
        assert_eq!(said_of(""), "");
        assert_eq!(text(Some(Path::new("none.trace"))), "");
        assert_eq!(text(None), "");
    }
}
