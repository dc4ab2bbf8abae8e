//! Keeps the compiler's version and the profile for the provenance of results.

use std::path::Path;
use std::process::Command;

fn main() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let version = output
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok());
    let version = version.unwrap_or_else(|| "unknown".into());
    println!("cargo::rustc-env=BENCH_RUSTC_VERSION={}", version.trim());
    println!("cargo::rustc-env=BENCH_PROFILE={}", profile());
    println!("cargo::rerun-if-changed=build.rs");
}

/// The profile's name. `PROFILE` says `release` of every profile that inherits it; the output directory
/// is `target/PROFILE/build/PACKAGE/out`.
fn profile() -> String {
    let output = std::env::var_os("OUT_DIR").unwrap_or_default();
    let directory = Path::new(&output).ancestors().nth(3);
    let name = directory.and_then(Path::file_name).unwrap_or_default();
    name.to_string_lossy().into_owned()
}
