//! `emulate`: a program on a static heap, run by QEMU on a microcontroller without compare-and-swap.

use std::time::Duration;

use xtask_base::process::{self, cargo, command, succeed, target_dir};
use xtask_base::tools::{QEMU, missing};
use xtask_base::{Result, rustup};

use crate::check::Outcome;

/// A Cortex-M0.
const TARGET: &str = "thumbv6m-none-eabi";

const MANIFEST: &str = "embedded/Cargo.toml";

/// The program ends by itself within a second.
const LIMIT: Duration = Duration::from_secs(60);

/// Builds the program, runs it, and prints what it says. Its exit status tells whether the heap did as it should.
pub(crate) fn check() -> Result<Outcome> {
    if let Some(how) = missing(&[&QEMU]) {
        return Ok(Outcome::Skipped(format!("needs {}: {how}", QEMU.program())));
    }
    if let Some(how) = rustup::missing_target(TARGET) {
        return Ok(Outcome::Skipped(how));
    }
    let dir = target_dir().join("embedded");
    let mut build = cargo(&["build", "--quiet", "--release", "--locked"]);
    build.args(["--manifest-path", MANIFEST, "--target", TARGET]);
    build.arg("--target-dir").arg(&dir);
    succeed(&mut build)?;

    let mut emulator = command(QEMU.program());
    emulator.args(["-M", "microbit", "-nographic", "-semihosting", "-kernel"]);
    emulator.arg(dir.join(TARGET).join("release/embedded"));
    println!("$ {}", process::line(&emulator));
    let (is_whole, said) = process::logged(&mut emulator, "emulate", LIMIT)?;
    print!("{said}");
    match is_whole {
        true => Ok(Outcome::Passed),
        false => Err("the program in the emulator failed".to_owned()),
    }
}
