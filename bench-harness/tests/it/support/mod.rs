//! What several tests need: results read back, and resident memory that does not come in huge pages.

use std::path::Path;
use std::process::{Command, Output};

use bench_harness::report::Report;
use bench_results::{Results, lines};

/// The results in a file, which is whole.
pub(crate) fn results(path: &Path) -> Results {
    let (results, cut) = lines::read(path).unwrap_or_else(|error| panic!("{error:#}"));
    assert_eq!(cut, None);
    results
}

/// What tables say of the results in a file.
pub(crate) fn read(path: &Path) -> Report {
    Report::of(&results(path)).unwrap()
}

/// What tables say of the results on standard output, of `--json -`.
pub(crate) fn report(output: &Output) -> Report {
    let read = lines::parse(&output.stdout[..], "standard output");
    let (results, _) =
        read.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    Report::of(&results).unwrap()
}

/// The harness, where the kernel gives no huge pages that nobody asked for: resident memory is what
/// was touched. So has this process from now on, whose children inherit it.
pub(crate) fn harness_with_small_pages() -> Command {
    // SAFETY: takes numbers, and changes nothing but where this process gets pages from.
    unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0);
    }
    Command::new(env!("CARGO_BIN_EXE_bench-harness"))
}
