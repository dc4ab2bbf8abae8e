//! `emulate`: a program on a static heap, run by QEMU on a microcontroller without compare-and-swap.

use std::fs;
use std::time::Duration;

use crate::check::Outcome;
use crate::process::{self, Ended, cargo, command, run_limited, succeed, target_dir, works};
use crate::{Result, rustup};

/// A Cortex-M0.
const TARGET: &str = "thumbv6m-none-eabi";

const MANIFEST: &str = "embedded/Cargo.toml";

const EMULATOR: &str = "qemu-system-arm";

/// The program ends by itself within a second.
const LIMIT: Duration = Duration::from_secs(60);

/// Builds the program, runs it, and prints what it says. Its exit status tells whether the heap did as it should.
pub(crate) fn check() -> Result<Outcome> {
    if !works(command(EMULATOR).arg("--version")) {
        let how = format!("needs {EMULATOR}: apt-get install -y qemu-system-arm");
        return Ok(Outcome::Skipped(how));
    }
    if !rustup::has_target(TARGET) {
        rustup::install(&["target", "add", TARGET]);
    }
    if !rustup::has_target(TARGET) {
        let how = format!("needs core for {TARGET}: rustup target add {TARGET}");
        return Ok(Outcome::Skipped(how));
    }
    let dir = target_dir().join("embedded");
    let mut build = cargo(&["build", "--quiet", "--release", "--locked"]);
    build.args(["--manifest-path", MANIFEST, "--target", TARGET]);
    build.arg("--target-dir").arg(&dir);
    succeed(&mut build)?;

    let mut emulator = command(EMULATOR);
    emulator.args(["-M", "microbit", "-nographic", "-semihosting", "-kernel"]);
    emulator.arg(dir.join(TARGET).join("release/embedded"));
    println!("$ {}", process::line(&emulator));
    let log = target_dir().join("emulate.log");
    let ended = run_limited(&mut emulator, &log, LIMIT)?;
    let said = fs::read_to_string(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    print!("{said}");
    match ended {
        Ended::Exited(status) if status.success() => Ok(Outcome::Passed),
        Ended::Exited(_) => Err("the program in the emulator failed".to_owned()),
        Ended::TimedOut => Err(format!(
            "the program in the emulator did not end in {} s",
            LIMIT.as_secs()
        )),
    }
}
