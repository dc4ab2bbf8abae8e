//! The program builds a book without faults, and no other.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A book of one chapter, gone when the test is over.
struct Book(PathBuf);

impl Book {
    fn new(name: &str, summary: &str, chapter: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(dir.join("src")).unwrap();
        fs::write(dir.join("book.toml"), "[build]\ncreate-missing = false\n").unwrap();
        fs::write(dir.join("src/SUMMARY.md"), summary).unwrap();
        fs::write(dir.join("src/a.md"), chapter).unwrap();
        Self(dir)
    }

    /// The error that the program ends with; nothing if it succeeds.
    fn build(&self) -> String {
        let program = env!("CARGO_BIN_EXE_book-builder");
        let output = Command::new(program).arg(&self.0).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), error.is_empty(), "{error}");
        error
    }
}

impl Drop for Book {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const SUMMARY: &str = "# Summary\n\n- [A](a.md)\n";

#[test]
fn a_book_without_faults_is_built() {
    let book = Book::new("whole", SUMMARY, "# A\n\nText.\n");
    assert_eq!(book.build(), "");
    let page = fs::read_to_string(book.0.join("book/a.html")).unwrap();
    assert!(page.contains("<p>Text.</p>"), "{page}");
}

#[test]
fn what_mdbook_only_warns_of_is_an_error() {
    let error = Book::new("include", SUMMARY, "# A\n\n{{#include gone.rs}}\n").build();
    assert!(
        error.contains("gone.rs") && error.contains("error: "),
        "{error}"
    );
    let error = Book::new("tag", SUMMARY, "# A\n\n<div>\n").build();
    assert!(
        error.contains("<div>") && error.contains("error: "),
        "{error}"
    );
}

#[test]
fn a_chapter_that_does_not_exist_is_an_error() {
    let summary = format!("{SUMMARY}- [B](b.md)\n");
    let error = Book::new("chapter", &summary, "# A\n").build();
    assert!(error.contains("b.md"), "{error}");
}
