//! Builds a book with mdBook's own crates, so that nobody has to install mdBook.
//!
//! `cargo xtask book` runs this program. A warning of mdBook is an error here.

mod warnings;

use std::process::ExitCode;

use mdbook_driver::MDBook;

fn main() -> ExitCode {
    let Some(dir) = std::env::args_os().nth(1) else {
        eprintln!("error: name the directory that holds `book.toml`");
        return ExitCode::FAILURE;
    };
    warnings::watch();
    if let Err(error) = MDBook::load(&dir).and_then(|book| book.build()) {
        // With `#`, the causes stand on the same line.
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    if warnings::any() {
        eprintln!("error: mdBook warns of the above");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
