//! The columns of the matrix: the allocators, as libraries to be preloaded.

use std::path::{Path, PathBuf};
use std::process::Command;

use xtask_base::Result;
use xtask_base::process::output;

pub(super) const GLIBC: &str = "glibc";
pub(super) const SNMALLOC_CHECKS: &str = "snmalloc-checks";
pub(super) const HARDENED_MALLOC: &str = "hardened_malloc";
pub(super) const QUICK: &str = "quick";
pub(super) const FULL: &str = "full";

/// Where Debian's packages put what is not built here.
const JEMALLOC: (&str, &str) = ("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2", "libjemalloc2");
const SCUDO: (&str, &str) = (
    "/usr/lib/llvm-16/lib/clang/16/lib/linux/libclang_rt.scudo_standalone-x86_64.so",
    "libclang-rt-16-dev",
);

/// The option that chooses our tier.
const TIER: &str = "MALLOC_LADDER_HARDENED";

/// An allocator.
pub(super) struct Column {
    pub(super) name: &'static str,
    /// `None` for the C library's own.
    pub(super) library: Option<PathBuf>,
    pub(super) option: Option<(&'static str, &'static str)>,
    /// What it is, for the line below the table.
    pub(super) version: String,
}

/// Every allocator that is installed, and those of `libraries`: `NAME=PATH`, where `ours` is ours. A line on standard error
/// for each one that is not installed.
///
/// # Errors
///
/// Ours is not among the libraries.
pub(super) fn all(libraries: &[String]) -> Result<Vec<Column>> {
    let path = |name: &str| {
        let mut named = libraries
            .iter()
            .filter_map(|library| library.split_once('='));
        Some(PathBuf::from(named.find(|(known, _)| *known == name)?.1))
    };
    let built = |name| Some(built(name, path(name)?));
    let mut columns = vec![Column {
        name: GLIBC,
        library: None,
        option: None,
        version: glibc_version(),
    }];
    columns.extend(installed("jemalloc", JEMALLOC));
    columns.extend(
        ["mimalloc-secure", SNMALLOC_CHECKS]
            .into_iter()
            .filter_map(built),
    );
    columns.extend(installed("scudo", SCUDO));
    columns.extend(built(HARDENED_MALLOC));
    let ours = path("ours").ok_or("`--library ours=PATH` is needed")?;
    for (name, value) in [("default", "off"), (QUICK, "quick"), (FULL, "full")] {
        columns.push(Column {
            name,
            library: Some(ours.clone()),
            option: Some((TIER, value)),
            version: String::new(),
        });
    }
    Ok(columns)
}

fn installed(name: &'static str, (path, package): (&str, &str)) -> Option<Column> {
    if !Path::new(path).exists() {
        eprintln!("{name}: left out, since it is not installed (apt-get install {package})");
        return None;
    }
    let query = ["-W", "-f=${Version}", package];
    let version = output(Command::new("dpkg-query").args(query)).unwrap_or_default();
    Some(Column {
        name,
        library: Some(path.into()),
        option: None,
        version: format!("{name} {version} as Debian builds it"),
    })
}

fn built(name: &'static str, library: PathBuf) -> Column {
    let stem = library.file_stem().unwrap_or_default().to_string_lossy();
    Column {
        name,
        version: stem.trim_start_matches("lib").to_owned(),
        library: Some(library),
        option: None,
    }
}

fn glibc_version() -> String {
    let said = output(Command::new("getconf").arg("GNU_LIBC_VERSION")).unwrap_or_default();
    said.trim().to_owned()
}

/// What was run, and how often.
pub(super) fn versions(columns: &[Column], runs: usize) -> String {
    let named: Vec<&str> = columns
        .iter()
        .map(|column| column.version.as_str())
        .filter(|version| !version.is_empty())
        .collect();
    format!(
        "Made by `cargo xtask defences --docs`, {runs} runs a cell: {}.\n",
        named.join(", ")
    )
}
