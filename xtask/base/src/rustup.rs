//! Parts of toolchains that rustup installs when a step of `check` needs them.

use std::time::Duration;

use crate::process::{self, command};

/// Long enough for three core libraries over a slow line.
const LIMIT: Duration = Duration::from_secs(300);

/// For `rustup`: a download that fails is not tried again, and one that stands still ends soon.
const IMPATIENT: [(&str, &str); 2] = [
    ("RUSTUP_MAX_RETRIES", "0"),
    ("RUSTUP_DOWNLOAD_TIMEOUT", "10"),
];

/// Runs `rustup` with `args`, which install something. Whether that succeeds is only printed: a machine
/// without a network, or without rustup, does without.
pub fn install(args: &[&str]) {
    let mut rustup = command("rustup");
    rustup.args(args);
    println!("$ {}", process::line(&rustup));
    rustup.envs(IMPATIENT);
    match process::logged(&mut rustup, "rustup", LIMIT) {
        Ok((true, _)) => {}
        Ok((false, said)) => println!("rustup could not: {}", reason(&said)),
        Err(error) => println!("{error}"),
    }
}

/// Asks rustup for the core library for `target` if it is not there; how to get it, if that did not help.
pub fn missing_target(target: &str) -> Option<String> {
    let is_here = || targets().lines().any(|line| line == target);
    if !is_here() {
        install(&["target", "add", target]);
    }
    (!is_here()).then(|| format!("needs core for {target}: rustup target add {target}"))
}

/// The targets that rustup has a core library for, a line each; nothing where there is no rustup.
pub fn targets() -> String {
    let output = command("rustup")
        .args(["target", "list", "--installed"])
        .output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

/// The line of rustup's output that says why it failed.
fn reason(said: &str) -> &str {
    let mut lines = said.lines().rev();
    lines
        .find_map(|line| line.strip_prefix("error: "))
        .or_else(|| said.lines().next_back())
        .unwrap_or("it says nothing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_last_error_or_the_last_line() {
        let said =
            "info: downloading component miri\nerror: could not download file\n\nCaused by: x\n";
        assert_eq!(reason(said), "could not download file");
        assert_eq!(reason("one\ntwo\n"), "two");
        assert_eq!(reason(""), "it says nothing");
    }
}
