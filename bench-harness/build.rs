//! Keeps the compiler's version for the provenance of results.

use std::process::Command;

fn main() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let version = output
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok());
    let version = version.unwrap_or_else(|| "unknown".into());
    println!("cargo::rustc-env=BENCH_RUSTC_VERSION={}", version.trim());
    println!("cargo::rerun-if-changed=build.rs");
}
