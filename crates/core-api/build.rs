//! Finds out whether the compiler has the standard library's trait `Allocator`, for the adapter `Standard`.
//!
//! It compiles `build/probe.rs`: first as it is, then with the unstable feature. If neither works, for whatever
//! reason, the crate is built without the adapter.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

/// A program that implements the trait as the adapter does.
const PROBE: &str = "build/probe.rs";

fn main() {
    println!("cargo::rerun-if-changed={PROBE}");
    println!("cargo::rerun-if-env-changed=RUSTC_BOOTSTRAP");
    println!("cargo::rustc-check-cfg=cfg(std_allocator, std_allocator_is_unstable)");
    if compiles(&[]) {
        println!("cargo::rustc-cfg=std_allocator");
    } else if compiles(&["--cfg=std_allocator_is_unstable"]) {
        println!("cargo::rustc-cfg=std_allocator");
        println!("cargo::rustc-cfg=std_allocator_is_unstable");
    }
}

/// Returns true if the compiler accepts the probe, for the target and with the flags of this build.
fn compiles(flags: &[&str]) -> bool {
    let (Some(rustc), Some(out)) = (env::var_os("RUSTC"), env::var_os("OUT_DIR")) else {
        return false;
    };
    let wrappers = ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"];
    let mut words = wrappers
        .iter()
        .filter_map(env::var_os)
        .filter(|wrapper| !wrapper.is_empty())
        .chain([rustc]);
    let Some(program) = words.next() else {
        return false;
    };
    let mut command = Command::new(program);
    command
        .args(words)
        .args(["--edition=2024", "--crate-name=probe", "--crate-type=lib"])
        .args(["--emit=metadata", "--cap-lints=allow"])
        .arg("--out-dir")
        .arg(out)
        .args(flags)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(target) = env::var_os("TARGET") {
        command.arg("--target").arg(target);
    }
    if let Ok(flags) = env::var("CARGO_ENCODED_RUSTFLAGS") {
        command.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
    }
    command.arg(Path::new(PROBE));
    command.status().is_ok_and(|status| status.success())
}
